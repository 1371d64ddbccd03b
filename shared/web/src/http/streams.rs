//! The open streams of server-sent events of a process. One hub reads the log once for all streams, limits their
//! number, notices revoked tokens, and ends them with the process.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, TryFutureExt, stream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, watch};

use super::caller::Authenticator;
use super::problem::Problem;
use super::serve::Shutdown;
use contract::selection::Concerned;
use event_store::log::{Log, RecordedEvent};
use event_store::sql::SqlError;

/// Most open streams.
pub const MAX_STREAMS: usize = 256;
/// When a client reconnects after its stream ended.
pub const RECONNECT: Duration = Duration::from_secs(1);
/// When a client reconnects that found no place.
const RECONNECT_WHEN_FULL: Duration = Duration::from_secs(15);
/// How soon a revoked token is noticed.
const REVOCATION_POLL: Duration = Duration::from_millis(250);
/// Events that are read and sent at a time.
pub(super) const PAGE: usize = 100;
/// Events buffered for slow streams; a stream that falls further behind reads the log itself.
const BUFFERED: usize = 512;
/// Pause when the log cannot be read.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// An event in the form that all streams send.
#[derive(Debug)]
pub(super) struct Notified {
    pub(super) position: u64,
    pub(super) type_name: String,
    pub(super) concerned: Concerned,
    pub(super) data: String,
}

impl Notified {
    /// `None` for an event that cannot be serialised.
    pub(super) fn of(log: &Log, event: &RecordedEvent) -> Option<Self> {
        let data = event.to_json(log.identity()).ok()?;
        let concerned = Concerned::of(&event.data);
        Some(Self { position: event.position, type_name: event.type_name.clone(), concerned, data })
    }
}

/// A message of the hub to the streams.
#[derive(Clone, Debug)]
pub(super) enum News {
    /// The next event.
    Event(Arc<Notified>),
    /// There may be events that were not sent.
    Refresh,
}

/// The hub; clones share it.
#[derive(Clone, Debug)]
pub struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    log: Log,
    seats: Arc<Semaphore>,
    news: broadcast::Sender<News>,
    joined: Notify,
    revocations: watch::Sender<[u64; 3]>,
    stop: Shutdown,
}

/// A stream's place among the open ones.
#[derive(Debug)]
pub struct Seat {
    _seat: OwnedSemaphorePermit,
}

impl Streams {
    /// A hub for the streams of a log, driven by [`Streams::run`].
    pub fn new(log: Log) -> Self {
        let (seats, news) = (Arc::new(Semaphore::new(MAX_STREAMS)), broadcast::Sender::new(BUFFERED));
        let (joined, revocations, stop) = (Notify::new(), watch::Sender::default(), Shutdown::default());
        Self(Arc::new(Inner { log, seats, news, joined, revocations, stop }))
    }

    /// Sends new events and revocations to the streams, until the task is aborted.
    pub async fn run<G: Authenticator>(self, gate: G) {
        tokio::join!(self.publish(), self.watch_revocations(&gate));
    }

    /// Ends every stream, because the process ends.
    pub fn end(&self) {
        self.0.stop.now();
    }

    /// Waits until the process ends.
    pub async fn ended(&self) {
        self.0.stop.requested().await;
    }

    /// A place for one more stream; `None` at the limit, or when the process ends.
    pub fn join(&self) -> Option<Seat> {
        if self.0.stop.is_requested() {
            return None;
        }
        Arc::clone(&self.0.seats).try_acquire_owned().ok().map(|seat| Seat { _seat: seat })
    }

    pub(super) fn log(&self) -> &Log {
        &self.0.log
    }

    pub(super) fn news(&self) -> broadcast::Receiver<News> {
        let news = self.0.news.subscribe();
        self.0.joined.notify_one();
        news
    }

    pub(super) fn revocations(&self) -> watch::Receiver<[u64; 3]> {
        self.0.revocations.subscribe()
    }

    async fn publish(&self) {
        let mut position = None;
        loop {
            if self.0.news.receiver_count() == 0 {
                position = None;
                self.0.joined.notified().await;
                continue;
            }
            match self.publish_page(position).await {
                Ok(reached) => position = Some(reached),
                // The state of the database is reported elsewhere.
                Err(_) => tokio::time::sleep(RETRY_PAUSE).await,
            }
        }
    }

    /// Sends the events after a position, waits briefly where there are none, and returns the last position.
    async fn publish_page(&self, position: Option<u64>) -> Result<u64, SqlError> {
        let log = &self.0.log;
        let Some(position) = position else {
            let head = log.head().await?.position;
            // Events before the hub's start are not sent one by one.
            let _ = self.0.news.send(News::Refresh);
            return Ok(head);
        };
        let events = log.newest_after(position, PAGE).await?;
        if events.is_empty() {
            log.wait_beyond(position).await;
        }
        for event in &events {
            let news = Notified::of(log, event).map_or(News::Refresh, |sent| News::Event(Arc::new(sent)));
            // There may be no subscriber.
            let _ = self.0.news.send(news);
        }
        Ok(events.last().map_or(position, |event| event.position))
    }

    async fn watch_revocations<G: Authenticator>(&self, gate: &G) {
        loop {
            tokio::time::sleep(REVOCATION_POLL).await;
            if self.0.seats.available_permits() == MAX_STREAMS {
                continue;
            }
            // While the database does not respond, the streams have nothing to send either.
            let seen = gate.revocations().unwrap_or_else(|_| *self.0.revocations.borrow()).await;
            self.0.revocations.send_if_modified(|known| std::mem::replace(known, seen) != seen);
        }
    }
}

/// A stream as a response: no cache stores it, no proxy buffers it, and comments keep it open.
pub fn answer(events: impl Stream<Item = Result<Event, std::convert::Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The last event of a stream when the process ends.
pub fn farewell() -> Event {
    Event::default().retry(RECONNECT)
}

/// The response to a browser that finds no place: after any status but 200 it would not reconnect.
pub fn come_back_later() -> Response {
    answer(stream::iter([Ok(Event::default().retry(RECONNECT_WHEN_FULL))]))
}

/// The response to a program that finds no place.
pub(super) fn no_place() -> Problem {
    let detail = format!("{MAX_STREAMS} event streams are open already. Try again later, or read pages of events.");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", "Too many event streams", detail)
        .retry_after(u32::try_from(RECONNECT_WHEN_FULL.as_secs()).unwrap_or(u32::MAX))
}
