//! Requests about the settings.

use serde_json::{Value as Json, json};

use super::Refusal;
use super::sheet::{Decided, Sheet};
use crate::domain::settings::{Change, Settings};
use crate::views;

/// The one stream of the settings.
pub const STREAM: &str = "settings";

/// A change of the settings.
#[derive(Clone)]
pub struct Request {
    pub version: Option<u64>,
    pub change: Change,
}

impl Request {
    pub(super) fn decide(&self, sheet: &mut Sheet) -> Result<Decided, Refusal> {
        sheet.decide::<Settings>(STREAM, self.version, self.change.clone())
    }
}

pub(super) fn answer(sheet: &Sheet) -> (u16, Json) {
    let (settings, version) = sheet.state::<Settings>(STREAM);
    (200, json!(views::settings::Settings::of(settings, version)))
}
