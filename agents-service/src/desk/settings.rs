//! Requests about the settings.

use shared::log::Draft;

use super::Refusal;
use super::sheet::Sheet;
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
    pub(super) fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        sheet.decide(STREAM, self.version, self.change.clone(), |settings: Settings, version| {
            (200, views::settings::Settings::of(settings, version))
        })
    }
}
