//! Verifies that a stream equals its log: message n is event n.

use std::time::Duration;

use super::error::RelayError;
use super::halt::Halt;
use super::stream::inspect;
use super::survey::{Verdict, Walk};
use crate::bus::Bus;
use crate::log::Log;
use crate::log::verify::Report;
use crate::sql::SqlError;

/// Checks without a new message after which a relay counts as stopped.
const PATIENCE: u32 = 25;
/// Pause between two checks of a stream that the relay is still filling.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a stream could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The stream or the log cannot be read.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The log cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// Compares the stream with the log up to the log's current end; waits for a relay that is a little behind.
pub async fn compare(log: &Log, bus: &Bus, mut progress: impl FnMut(u64)) -> Result<Report, CompareError> {
    let mut report = Report::default();
    let end = log.head().await?.position;
    let name = log.identity().stream_name();
    let halt = match caught_up(log, bus, end).await? {
        None if end == 0 => return Ok(report),
        None => Some(Halt::Missing(name.clone())),
        Some(halt) => halt,
    };
    let mut lost = 0_u64;
    let mut walk = Walk::begin(log, bus).await?;
    while let Some((message, verdict)) = walk.next().await? {
        match verdict {
            Verdict::Event => report.events = message.sequence,
            Verdict::Lost => lost += 1,
            Verdict::Differs(halt) => report.fault(halt.to_string()),
        }
        progress(message.sequence);
    }
    if lost > 0 {
        report.fault(format!("stream {name} holds {lost} events that the log lost"));
    }
    if let (Some(halt), true) = (halt, report.faults.is_empty()) {
        report.fault(halt.to_string());
    }
    if report.events < end && report.faults.is_empty() {
        report.fault(format!("stream {name} ends at {}, its log at {end}", report.events));
    }
    Ok(report)
}

/// Waits until the stream holds that many messages, or grows no more; returns why a relay would halt, or `None` when
/// there is no stream.
async fn caught_up(log: &Log, bus: &Bus, end: u64) -> Result<Option<Option<Halt>>, RelayError> {
    let (mut quiet, mut before) = (0, 0);
    loop {
        let Some(state) = inspect(log, bus).await? else { return Ok(None) };
        if state.halt.is_some() || state.last >= end || quiet >= PATIENCE {
            return Ok(Some(state.halt));
        }
        quiet = if state.last > before { 0 } else { quiet + 1 };
        before = state.last;
        tokio::time::sleep(PAUSE).await;
    }
}
