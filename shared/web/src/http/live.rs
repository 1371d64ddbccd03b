//! A log followed live: what is behind a position, and then each event as it is appended, for as long as the caller's token
//! opens it and the process lasts.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::Response;
use axum::response::sse::Event;
use futures::stream;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::caller::{Admission, Authenticator};
use super::problem::Problem;
use super::streams::{self, News, Notified, PAGE, Seat, Streams};
use event_store::log::Log;

/// One stream.
struct Live<G> {
    streams: Streams,
    gate: G,
    admission: Admission,
    events: Events,
    has_begun: bool,
    has_ended: bool,
    revocations: watch::Receiver<[u64; 3]>,
    _seat: Seat,
}

/// The events of a stream.
struct Events {
    log: Log,
    /// The last one that was told.
    position: u64,
    /// What is to be told next.
    next: std::vec::IntoIter<Arc<Notified>>,
    /// Whether the log may have more than the hub will tell.
    is_behind: bool,
    news: broadcast::Receiver<News>,
}

/// Follows the log from behind a position.
pub(super) fn follow<G: Authenticator>(
    streams: &Streams,
    gate: &G,
    admission: Admission,
    position: u64,
) -> Result<Response, Problem> {
    let seat = streams.join().ok_or_else(streams::no_place)?;
    let events = Events {
        log: streams.log().clone(),
        position,
        next: Vec::new().into_iter(),
        is_behind: true,
        // Before the log is read, so that nothing falls between.
        news: streams.news(),
    };
    let live = Live {
        revocations: streams.revocations(),
        streams: streams.clone(),
        gate: gate.clone(),
        admission,
        events,
        has_begun: false,
        has_ended: false,
        _seat: seat,
    };
    let told = stream::unfold(live, async |mut live| live.next().await.map(|event| (Ok::<_, Infallible>(event), live)));
    Ok(streams::answer(Box::pin(told)))
}

impl<G: Authenticator> Live<G> {
    /// The next event to send; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if self.has_ended {
            return None;
        }
        if !std::mem::replace(&mut self.has_begun, true) {
            return Some(Event::default().retry(streams::RECONNECT));
        }
        let streams = self.streams.clone();
        loop {
            tokio::select! {
                biased;
                () = streams.ended() => {
                    self.has_ended = true;
                    return Some(streams::farewell());
                }
                changed = self.revocations.changed() => {
                    changed.ok()?;
                    if !self.admission.holds(&self.gate).await {
                        return None;
                    }
                }
                told = self.events.next() => {
                    let told = told?;
                    // A position alone would not tell the log from the one that a backup brings back.
                    let id = format!("{}-{}", streams.log().identity().log_id, told.position);
                    return Some(Event::default().id(id).event(&told.type_name).data(&told.data));
                }
            }
        }
    }
}

impl Events {
    /// The event behind the last one, from the log or from the hub. Safe to be dropped while it waits.
    async fn next(&mut self) -> Option<Arc<Notified>> {
        loop {
            if let Some(told) = self.next.next() {
                self.position = told.position;
                return Some(told);
            }
            if self.is_behind {
                let events = self.log.newest_after(self.position, PAGE).await.ok()?;
                let told = events.iter().map(|event| Notified::of(&self.log, event).map(Arc::new));
                let told: Option<Vec<_>> = told.collect();
                self.next = told?.into_iter();
                self.is_behind = !events.is_empty();
                continue;
            }
            match self.news.recv().await {
                Ok(News::Event(told)) if told.position == self.position + 1 => {
                    self.position = told.position;
                    return Some(told);
                }
                Ok(News::Event(told)) if told.position <= self.position => {}
                Ok(_) | Err(RecvError::Lagged(_)) => self.is_behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
