use super::stream::{StreamState, inspect};
use crate::bus::Bus;
use crate::log::{Log, Testimony, Witness};

/// The stream as a witness of the log. A stream that is missing, unreadable or foreign at its end is no evidence.
pub fn witness(log: &Log, bus: &Bus) -> Witness {
    let (published, bus) = (log.clone(), bus.clone());
    Witness::new(log, move || {
        let (log, bus) = (published.clone(), bus.clone());
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
