//! What the stream says of the log: asked by the log's writer when the database may be another than before.

use super::stream::{StreamState, inspect};
use crate::bus::Bus;
use crate::log::{Log, Testimony, Witness};

/// The stream as a witness. One that is missing, cannot be read or holds something else at its end cannot tell.
pub fn witness(log: &Log, bus: &Bus) -> Witness {
    let (asked, bus) = (log.clone(), bus.clone());
    Witness::new(log, move || {
        let (log, bus) = (asked.clone(), bus.clone());
        Box::pin(async move {
            if !bus.is_connected() {
                return Testimony::Absent;
            }
            match inspect(&log, &bus).await {
                Ok(None | Some(StreamState { halt: None, .. })) => Testimony::Nothing,
                Ok(Some(StreamState { halt: Some(halt), .. })) if halt.says_that_the_log_lost_events() => {
                    Testimony::Against(halt.to_string())
                }
                Ok(Some(_)) | Err(_) => Testimony::Absent,
            }
        })
    })
}
