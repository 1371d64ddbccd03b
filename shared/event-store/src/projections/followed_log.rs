//! How far a service has followed a log. It stores position and hash, so it can tell whether a log has lost events,
//! or is another one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::log::{EventHash, Log, LogPoint, NotAHash};
use crate::projections::checkpoint::Checkpoint;
use crate::sql::SqlError;

/// The path that states how far a service has followed the other one's log.
pub const PATH: &str = "/api/v1/followed";

/// How far a service has followed another's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FollowedLog {
    /// The id of the log; null before its first event.
    pub log_id: Option<Uuid>,
    /// The last position that was applied; 0 before the first.
    pub position: u64,
    /// The hash of the event there, in lower-case hex.
    pub hash: String,
}

impl FollowedLog {
    /// The state of a projection; the start where it never ran.
    pub async fn of(checkpoint: &Checkpoint) -> Result<Self, SqlError> {
        let state = checkpoint.read_if_any().await?;
        let (log_id, point) = state.map_or((None, LogPoint::START), |state| (state.log_id, state.point));
        Ok(Self { log_id, position: point.position, hash: point.hash.to_string() })
    }

    /// The state of a service that follows nothing.
    pub fn nothing() -> Self {
        Self { log_id: None, position: 0, hash: LogPoint::START.hash.to_string() }
    }

    /// A description of the fault if this log is not the followed one; `None` if it contains the followed position.
    pub async fn against(&self, log: &Log) -> Result<Option<String>, WitnessError> {
        let (Some(followed), own) = (self.log_id, log.identity().log_id) else { return Ok(None) };
        let position = self.position;
        if followed != own {
            return Ok(Some(format!("log {followed} was followed up to position {position}, and this is log {own}")));
        }
        let hash: EventHash = self.hash.parse()?;
        let fault = log.contains(LogPoint { position, hash }).await?.fault(position);
        Ok(fault.map(|fault| format!("{fault}, which was followed: it lost events")))
    }
}

/// Why the state cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The service does not respond.
    #[error("the service that follows the log does not answer")]
    Http(#[from] reqwest::Error),
    /// The response is malformed.
    #[error(transparent)]
    Hash(#[from] NotAHash),
}
