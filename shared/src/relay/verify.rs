//! Proof that a stream is its log: message for message the same id, hash and data.

use std::time::Duration;

use super::RelayError;
use super::stream::inspect;
use crate::bus::Bus;
use crate::feed::{FeedError, JetStreamFeed};
use crate::log::Log;
use crate::log::verify::Report;

/// Rounds without a message after which the stream counts as read to its end; each waits a fraction of a second.
const PATIENCE: u32 = 25;
/// Pause between two looks at a stream that the relay is still filling.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a stream could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The stream or the log cannot be looked at.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The messages cannot be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The log cannot be read.
    #[error(transparent)]
    Sql(#[from] crate::sql::SqlError),
}

/// Compares the stream with the log up to where the log ends now; a relay that is a little behind is waited for.
pub async fn compare(log: &Log, bus: &Bus, mut progress: impl FnMut(u64)) -> Result<Report, CompareError> {
    let mut report = Report::default();
    let end = log.head().await?.position;
    let name = log.identity().stream_name();
    match inspect(log, bus).await? {
        None if end == 0 => return Ok(report),
        None => report.fault(format!("stream {name} is missing")),
        Some(state) => {
            if let Some(halt) = state.halt {
                report.fault(halt.to_string());
            }
        }
    }
    if !report.faults.is_empty() {
        return Ok(report);
    }
    let mut feed = JetStreamFeed::new(bus.clone(), &name);
    let mut quiet = 0;
    while report.events < end && quiet < PATIENCE {
        let page = feed.next(report.events).await?.events;
        if page.is_empty() {
            quiet += 1;
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        quiet = 0;
        let truth = log.read_after(report.events, page.len()).await?;
        for (message, event) in page.iter().zip(&truth) {
            if message != event {
                report.fault(format!("message {} of stream {name} is not event {}", message.position, event.position));
            }
        }
        report.events = page.last().map_or(report.events, |event| event.position);
        progress(report.events);
    }
    if report.events < end {
        report.fault(format!("stream {name} ends at {}, its log at {end}", report.events));
    }
    Ok(report)
}
