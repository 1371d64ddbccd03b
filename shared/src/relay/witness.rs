//! What the stream says of the log: asked by the log's writer when the database may be another than before.

use std::sync::Arc;
use std::time::Duration;

use super::{StreamState, inspect};
use crate::bus::Bus;
use crate::log::{Log, Testimony, Witness};

/// Longest wait for the stream's word. While the stream cannot be read, the log is written.
const PATIENCE: Duration = Duration::from_secs(2);

/// The stream as a witness.
pub fn witness(log: &Log, bus: &Bus) -> Witness {
    let (log, bus) = (log.clone(), bus.clone());
    Arc::new(move || {
        let (log, bus) = (log.clone(), bus.clone());
        Box::pin(async move {
            if !bus.is_connected() {
                return Testimony::Absent;
            }
            match tokio::time::timeout(PATIENCE, inspect(&log, &bus)).await {
                Ok(Ok(Some(StreamState { halt: Some(halt), .. }))) if halt.says_that_the_log_lost_events() => {
                    Testimony::Against(halt.to_string())
                }
                _ => Testimony::Nothing,
            }
        })
    })
}
