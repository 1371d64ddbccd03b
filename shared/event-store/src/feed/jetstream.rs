//! Events from the log's stream, by an ephemeral ordered consumer. The consumer's own state does not count: the
//! consumer is opened at the projector's checkpoint, and dropped at the first error.

use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use futures::{FutureExt, StreamExt};
use tokio::task::unconstrained;
use tokio::time::Instant;

use super::page::{FeedError, FeedPage, MAX_PAGE};
use crate::bus::{self, Bus};

/// Longest wait for the first event of a page.
const WAIT: Duration = Duration::from_millis(200);
/// Silence after which the stream's state is checked.
const SILENCE: Duration = Duration::from_secs(2);

/// A reader of one stream.
pub struct JetStreamFeed {
    bus: Bus,
    stream: String,
    open: Option<Box<Open>>,
}

/// A consumer and the position it will deliver next.
struct Open {
    messages: Ordered,
    next: u64,
    /// When it last delivered a message, or the stream was seen to have none for it.
    active_at: Instant,
}

impl std::fmt::Debug for JetStreamFeed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("JetStreamFeed").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl JetStreamFeed {
    /// A feed of the stream of this name.
    pub fn new(bus: Bus, stream: &str) -> Self {
        Self { bus, stream: stream.to_owned(), open: None }
    }

    /// Events after `position`; waits briefly for the first.
    pub async fn next(&mut self, position: u64) -> Result<FeedPage, FeedError> {
        if !self.bus.is_connected() {
            self.open = None;
            return Err(FeedError::Bus("not connected".into()));
        }
        let outcome = self.page(position).await;
        if outcome.is_err() {
            self.open = None;
        }
        outcome
    }

    async fn page(&mut self, position: u64) -> Result<FeedPage, FeedError> {
        let mut open = match self.open.take() {
            Some(open) if open.next == position + 1 => open,
            _ => self.open_at(position + 1).await?,
        };
        let mut page = FeedPage::default();
        // Waits for the first message only; messages behind it are taken if they have arrived.
        let mut message = tokio::time::timeout(WAIT, open.messages.next()).await.ok();
        while let Some(arrived) = message {
            let ended = || FeedError::Bus("the consumer has ended".into());
            let arrived = arrived.ok_or_else(ended)?.map_err(|error| FeedError::Bus(error.into()))?;
            match bus::event(&arrived).map_err(FeedError::from).and_then(|event| page.add(event)) {
                Ok(()) => {}
                // The messages before it are returned first; the next call opens the consumer at the wrong message.
                Err(_) if !page.events.is_empty() => return Ok(page),
                Err(error) => return Err(error),
            }
            open.next = page.events.last().map_or(open.next, |event| event.position + 1);
            // Unconstrained: the runtime's budget would make the stream look empty after about a hundred messages.
            let here = unconstrained(open.messages.next());
            message = if page.events.len() < MAX_PAGE { here.now_or_never() } else { None };
        }
        if !page.events.is_empty() {
            open.active_at = Instant::now();
        } else if open.active_at.elapsed() >= SILENCE {
            is_silent_with_reason(&self.bus, &self.stream, open.next).await?;
            open.active_at = Instant::now();
        }
        self.open = Some(open);
        Ok(page)
    }

    async fn open_at(&mut self, start_sequence: u64) -> Result<Box<Open>, FeedError> {
        let stream = self.bus.jetstream.get_stream(&self.stream).await.map_err(|error| FeedError::Bus(error.into()))?;
        let config = OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
            ..OrderedConfig::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(|error| FeedError::Bus(error.into()))?;
        let messages = consumer.messages().await.map_err(|error| FeedError::Bus(error.into()))?;
        self.bus.has_responded();
        Ok(Box::new(Open { messages, next: start_sequence, active_at: Instant::now() }))
    }
}

/// A consumer may vanish silently: checks that the stream has no message for it.
async fn is_silent_with_reason(bus: &Bus, stream: &str, next: u64) -> Result<(), FeedError> {
    let stream = bus.jetstream.get_stream(stream).await.map_err(|error| FeedError::Bus(error.into()))?;
    if stream.cached_info().state.last_sequence < next {
        return Ok(());
    }
    Err(FeedError::Bus("the consumer is silent, though the stream has more".into()))
}
