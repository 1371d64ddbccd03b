//! The pipeline: events are published without waiting for each acknowledgement, up to a window of them. Each names
//! the sequence before its own. All acknowledgements are checked: if another program's message takes an event's
//! place, only that event is refused, and the events after it are still accepted.

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_STREAM};
use async_nats::jetstream::context::PublishAckFuture;
use futures::future::join_all;
use metrics::Counter;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::error::RelayError;
use super::halt::Halt;
use super::state::Relay;
use super::stream::{Place, WINDOW, check_unchanged};
use crate::bus::{self, Bus, REQUEST_TIMEOUT};
use crate::log::{EventHash, Log, RecordedEvent};
use crate::sql::SqlError;

/// How often the stream is checked while there is nothing to publish.
const IDLE_CHECK: Duration = Duration::from_secs(2);

/// Events read from the log at a time.
const PAGE: usize = 500;

/// Messages without an acknowledgement yet, oldest first.
struct Flight {
    acks: VecDeque<(u64, PublishAckFuture)>,
    /// Losses of the connection, and their number when the first message was sent: the next loss takes all
    /// acknowledgements with it.
    losses: watch::Receiver<u64>,
    losses_before: u64,
    published: Counter,
}

/// An event as a message.
struct Message {
    position: u64,
    subject: String,
    headers: HeaderMap,
    data: String,
}

/// A page of messages, and the hash of the last.
struct Page {
    messages: Vec<Message>,
    hash: EventHash,
}

/// A page that cannot be sent.
enum PageError {
    Sql(SqlError),
    /// The event at this position does not continue the published history.
    Diverged(u64),
}

/// Publishes the events after `place`, until an error. Returns only when no message is in flight.
pub(super) async fn publish_from(relay: &mut Relay, place: Place) -> Result<(), RelayError> {
    let published = metrics::counter!("signpost_relay_events_total", "log" => relay.log.identity().service);
    let losses = relay.bus.losses();
    let losses_before = *losses.borrow();
    let mut flight = Flight { acks: VecDeque::new(), losses, losses_before, published };
    let outcome = pump(relay, place, &mut flight).await;
    // Acknowledgements and refusals arrive in any order; the stream's state is known when all have settled.
    flight.settle().await;
    outcome
}

async fn pump(relay: &mut Relay, mut place: Place, flight: &mut Flight) -> Result<(), RelayError> {
    let name = relay.log.identity().stream_name();
    let mut next_look = Instant::now() + IDLE_CHECK;
    let mut reading = read(&relay.log, &place);
    loop {
        if !relay.lease.hold().await? {
            return Err(RelayError::NotMine);
        }
        let page = match reading.await.map_err(|error| RelayError::Bus(error.into()))? {
            Ok(page) => page,
            Err(PageError::Sql(error)) => return Err(error.into()),
            Err(PageError::Diverged(position)) => return Err(Halt::Diverged(name, position).into()),
        };
        let there_is_more = page.messages.len() == PAGE;
        if let Some(last) = page.messages.last() {
            (place.position, place.hash) = (last.position, page.hash);
        }
        if there_is_more {
            // The next page is read and prepared, on another core if there is one, while this one is sent.
            reading = read(&relay.log, &place);
            send(&relay.bus, page.messages, flight).await?;
            continue;
        }
        send(&relay.bus, page.messages, flight).await?;
        flight.shrink_to(0).await?;
        relay.running(place.position).await?;
        if Instant::now() >= next_look {
            check_unchanged(&relay.log, &relay.bus, &place).await?;
            next_look = Instant::now() + IDLE_CHECK;
        }
        relay.log.wait_beyond(place.position).await;
        reading = read(&relay.log, &place);
    }
}

/// The next page after `place`, as messages; each event must continue the one before it.
fn read(log: &Log, place: &Place) -> JoinHandle<Result<Page, PageError>> {
    let (log, position, mut hash) = (log.clone(), place.position, place.hash);
    tokio::spawn(async move {
        let page = log.newest_after(position, PAGE).await.map_err(PageError::Sql)?;
        let (mut messages, stream) = (Vec::with_capacity(page.len()), log.identity().stream_name());
        for event in page {
            let envelope = event.envelope(log.identity());
            if envelope.chain(&hash) != event.hash {
                return Err(PageError::Diverged(event.position));
            }
            let headers = bus::headers(&envelope);
            hash = event.hash;
            messages.push(message(event, headers, &stream));
        }
        Ok(Page { messages, hash })
    })
}

fn message(event: RecordedEvent, mut headers: HeaderMap, stream: &str) -> Message {
    headers.insert(NATS_EXPECTED_STREAM, stream);
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string().as_str());
    Message { position: event.position, subject: event.subject, headers, data: event.data }
}

async fn send(bus: &Bus, page: Vec<Message>, flight: &mut Flight) -> Result<(), RelayError> {
    for Message { position, subject, headers, data } in page {
        flight.shrink_to(WINDOW - 1).await?;
        let sent = bus.jetstream.publish_with_headers(subject, headers, data.into()).await;
        flight.acks.push_back((position, sent.map_err(|error| RelayError::Bus(error.into()))?));
    }
    Ok(())
}

impl Flight {
    /// Waits until at most `count` messages are in flight.
    async fn shrink_to(&mut self, count: u64) -> Result<(), RelayError> {
        while u64::try_from(self.acks.len()).unwrap_or(u64::MAX) > count {
            let Some((position, ack)) = self.acks.pop_front() else { break };
            let ack = tokio::select! {
                biased;
                ack = ack.into_future() => ack.map_err(|error| RelayError::Bus(error.into()))?,
                () = lost(&mut self.losses, self.losses_before) => return Err(RelayError::Bus("the connection was lost".into())),
            };
            if ack.sequence != position {
                return Err(RelayError::Bus(format!("event {position} became message {}", ack.sequence).into()));
            }
            self.published.increment(1);
        }
        Ok(())
    }

    /// Waits for all acknowledgements. Their results do not matter, since the stream is read next.
    async fn settle(&mut self) {
        let acks = join_all(self.acks.drain(..).map(|(_, ack)| ack.into_future()));
        tokio::select! {
            _ = timeout(REQUEST_TIMEOUT, acks) => {}
            () = lost(&mut self.losses, self.losses_before) => {}
        }
    }
}

/// Waits until the connection is lost once more than `before`; returns at once when it was.
async fn lost(losses: &mut watch::Receiver<u64>, before: u64) {
    let _ended = losses.wait_for(|losses| *losses != before).await;
}
