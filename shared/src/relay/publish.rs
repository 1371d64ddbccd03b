//! The pipeline: events are published without waiting for acknowledgements, but never more than a window of them. Each names
//! the sequence that must come before it, so one that is acknowledged vouches for all before it, and only some need be.

use std::collections::VecDeque;

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_STREAM};
use async_nats::jetstream::context::PublishAckFuture;
use metrics::Counter;
use tokio::task::JoinHandle;

use super::RelayError;
use crate::bus::{self, Bus};
use crate::lease::Lease;
use crate::log::{Identity, Log, Recorded};
use crate::sql::SqlError;

/// Messages that may be on their way at a time.
pub const WINDOW: u64 = 500;
/// How many messages one acknowledgement is asked for; the last of a page is always acknowledged.
const ACKNOWLEDGED: u64 = 50;
/// Events read from the log at a time.
const PAGE: usize = 500;

/// Messages on their way, oldest first.
struct Flight {
    acks: VecDeque<(u64, PublishAckFuture)>,
    /// The last position that was sent, and the last that is known to have arrived.
    sent: u64,
    arrived: u64,
    published: Counter,
}

/// An event as it is sent.
struct Message {
    position: u64,
    subject: String,
    headers: HeaderMap,
    data: String,
}

/// Publishes what comes behind `position`, until something goes wrong. Returns only when nothing is on its way.
pub(super) async fn publish_from(log: &Log, bus: &Bus, lease: &mut Lease, position: u64) -> Result<(), RelayError> {
    let published = metrics::counter!("signpost_relay_events_total", "log" => log.identity().service);
    let mut flight = Flight { acks: VecDeque::new(), sent: position, arrived: position, published };
    let outcome = pump(log, bus, lease, position, &mut flight).await;
    // Acknowledgements and refusals arrive in any order; where the stream stands is known when all have settled.
    flight.settle().await;
    outcome
}

async fn pump(log: &Log, bus: &Bus, lease: &mut Lease, start: u64, flight: &mut Flight) -> Result<(), RelayError> {
    let mut position = start;
    let mut reading = read(log, position);
    loop {
        if !lease.hold().await? {
            return Err(RelayError::NotMine);
        }
        let page = reading.await.map_err(|error| RelayError::Bus(error.into()))??;
        let there_is_more = page.len() == PAGE;
        position = page.last().map_or(position, |message| message.position);
        if there_is_more {
            // The next page is read and made ready, on another core where there is one, while this one is sent.
            reading = read(log, position);
            send(bus, page, flight).await?;
        } else {
            send(bus, page, flight).await?;
            flight.shrink_to(0).await?;
            log.wait_beyond(position).await;
            reading = read(log, position);
        }
    }
}

/// The next page behind `position`, as messages.
fn read(log: &Log, position: u64) -> JoinHandle<Result<Vec<Message>, SqlError>> {
    let log = log.clone();
    tokio::spawn(async move {
        let page = log.newest_after(position, PAGE).await?;
        Ok(page.into_iter().map(|event| message(event, log.identity())).collect())
    })
}

fn message(event: Recorded, identity: &Identity) -> Message {
    let mut headers = bus::headers(&event, identity);
    headers.insert(NATS_EXPECTED_STREAM, identity.stream_name().as_str());
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string().as_str());
    Message { position: event.position, subject: event.subject, headers, data: event.data }
}

async fn send(bus: &Bus, page: Vec<Message>, flight: &mut Flight) -> Result<(), RelayError> {
    let last = page.last().map(|message| message.position);
    for Message { position, subject, headers, data } in page {
        flight.shrink_to(WINDOW - 1).await?;
        flight.sent = position;
        if position.is_multiple_of(ACKNOWLEDGED) || Some(position) == last {
            let sent = bus.jetstream.publish_with_headers(subject, headers, data.into()).await;
            flight.acks.push_back((position, sent.map_err(|error| RelayError::Bus(error.into()))?));
        } else {
            let sent = bus.client.publish_with_headers(subject, headers, data.into()).await;
            sent.map_err(|error| RelayError::Bus(error.into()))?;
        }
    }
    Ok(())
}

impl Flight {
    /// Waits until at most `count` are on their way.
    async fn shrink_to(&mut self, count: u64) -> Result<(), RelayError> {
        while self.sent - self.arrived > count {
            let Some((position, ack)) = self.acks.pop_front() else { break };
            let ack = ack.await.map_err(|error| RelayError::Bus(error.into()))?;
            if ack.sequence != position {
                return Err(RelayError::Bus(format!("event {position} became message {}", ack.sequence).into()));
            }
            self.published.increment(position - self.arrived);
            self.arrived = position;
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
