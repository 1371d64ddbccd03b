//! The pipeline: events are published without waiting for each acknowledgement, but never more than a window of them;
//! each names the sequence that must come before it.

use std::collections::VecDeque;

use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_STREAM};
use async_nats::jetstream::context::PublishAckFuture;

use super::RelayError;
use crate::bus::{self, Bus};
use crate::lease::Lease;
use crate::log::{Log, Recorded};

/// Messages that may be on their way at a time.
pub const WINDOW: usize = 500;
/// Events read from the log at a time.
const PAGE: usize = 500;

/// Messages on their way, oldest first.
struct Flight {
    acks: VecDeque<(u64, PublishAckFuture)>,
    service: &'static str,
}

/// Publishes what comes behind `position`, until something goes wrong. Returns only when nothing is on its way.
pub(super) async fn publish_from(log: &Log, bus: &Bus, lease: &mut Lease, position: u64) -> Result<(), RelayError> {
    let mut flight = Flight { acks: VecDeque::new(), service: log.identity().service };
    let outcome = pump(log, bus, lease, position, &mut flight).await;
    // Acknowledgements and refusals arrive in any order; where the stream stands is known when all have settled.
    flight.settle().await;
    outcome
}

async fn pump(log: &Log, bus: &Bus, lease: &mut Lease, start: u64, flight: &mut Flight) -> Result<(), RelayError> {
    let mut position = start;
    loop {
        if !lease.hold().await? {
            return Err(RelayError::NotMine);
        }
        let page = log.read_after(position, PAGE).await?;
        if page.is_empty() {
            flight.shrink_to(0).await?;
            log.wait_beyond(position).await;
            continue;
        }
        for event in page {
            flight.shrink_to(WINDOW - 1).await?;
            position = event.position;
            let ack = send(log, bus, event).await?;
            flight.acks.push_back((position, ack));
        }
    }
}

async fn send(log: &Log, bus: &Bus, event: Recorded) -> Result<PublishAckFuture, RelayError> {
    let mut headers = bus::headers(&event, log.identity());
    headers.insert(NATS_EXPECTED_STREAM, log.identity().stream_name().as_str());
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string().as_str());
    let sent = bus.jetstream.publish_with_headers(event.subject, headers, event.data.into()).await;
    sent.map_err(|error| RelayError::Bus(error.into()))
}

impl Flight {
    /// Waits for the oldest until at most `count` are on their way.
    async fn shrink_to(&mut self, count: usize) -> Result<(), RelayError> {
        while self.acks.len() > count {
            let Some((position, ack)) = self.acks.pop_front() else { break };
            let ack = ack.await.map_err(|error| RelayError::Bus(error.into()))?;
            if ack.sequence != position {
                return Err(RelayError::Bus(format!("event {position} became message {}", ack.sequence).into()));
            }
            metrics::counter!("signpost_relay_events_total", "log" => self.service).increment(1);
        }
        Ok(())
    }

    async fn settle(&mut self) {
        for (_, ack) in self.acks.drain(..) {
            // How each ended is of no account: the stream is asked where it stands.
            let _ = ack.await;
        }
    }
}
