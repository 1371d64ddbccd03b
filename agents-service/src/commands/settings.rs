//! Requests about the settings.

use serde_json::{Value as Json, json};

use super::DomainError;
use super::batch_context::{BatchContext, Decided};
use crate::domain::settings::{Change, Settings};
use crate::projections;

/// The one stream of the settings.
pub const STREAM: &str = "settings";

/// A change of the settings.
#[derive(Clone)]
pub struct Request {
    pub version: Option<u64>,
    pub change: Change,
}

impl Request {
    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<Settings>(STREAM, self.version, self.change.clone())
    }
}

pub(super) fn answer(batch: &BatchContext) -> (u16, Json) {
    let (settings, version) = batch.state::<Settings>(STREAM);
    (200, json!(projections::settings::Settings::of(settings, version)))
}
