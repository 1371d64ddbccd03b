//! How far a thing has come: its version, and when it was created and last changed.

use contract::clock::Moment;
use event_store::sql::{Row, SqlError};
use schemars::JsonSchema;
use serde::Serialize;

/// The version of a thing with its times.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub version: u64,
    pub times: Times,
}

/// When a thing was created, and when it last changed.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Times {
    pub created_at: Moment,
    /// Of the event that gave it its version.
    pub updated_at: Moment,
}

impl Times {
    /// The times in a row of a thing.
    pub fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self { created_at: row.moment("created_at")?, updated_at: row.moment("updated_at")? })
    }
}
