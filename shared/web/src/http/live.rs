//! A live stream of a log: the events after a position, and then each new one, as long as the caller's token is valid
//! and the process runs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use axum::response::sse::Event;
use futures::stream;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::caller::{Admission, Authenticator};
use super::problem::Problem;
use super::streams::{self, News, Notified, PAGE, Seat, Streams};
use contract::selection::Selection;
use event_store::log::Log;

/// How long a stream sends nothing before it tells how far it has come.
const TELL_PLACE: Duration = Duration::from_secs(5);

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
    /// The position of the last event that was sent or left out.
    position: u64,
    /// The position that the client knows.
    told: u64,
    /// The events that are sent.
    selection: Selection,
    /// The events to send next.
    next: std::vec::IntoIter<Arc<Notified>>,
    /// Whether the log may have events that the hub does not send.
    is_behind: bool,
    news: broadcast::Receiver<News>,
}

/// Follows the log after a position.
pub(super) fn follow<G: Authenticator>(
    streams: &Streams,
    gate: &G,
    admission: Admission,
    (position, selection): (u64, Selection),
) -> Result<Response, Problem> {
    let seat = streams.join().ok_or_else(streams::no_place)?;
    let events = Events {
        log: streams.log().clone(),
        position,
        told: position,
        selection,
        next: Vec::new().into_iter(),
        is_behind: true,
        // Subscribed before the log is read, so that no event is missed.
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
    let sse_events =
        stream::unfold(live, async |mut live| live.next().await.map(|event| (Ok::<_, Infallible>(event), live)));
    Ok(streams::answer(Box::pin(sse_events)))
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
                event = self.events.selected() => {
                    let event = event?;
                    let id = self.events.tell(event.position);
                    return Some(Event::default().id(id).event(&event.type_name).data(&event.data));
                }
                // A place without an event: a client that reconnects is not sent again what was left out for it.
                () = tokio::time::sleep(TELL_PLACE), if !self.events.selection.is_everything() => if self.events.position > self.events.told {
                    return Some(Event::default().id(self.events.tell(self.events.position)));
                }
            }
        }
    }
}

impl Events {
    /// The id of a position, which the client knows from now on.
    fn tell(&mut self, position: u64) -> String {
        self.told = position;
        // The log's id distinguishes the position from one in a restored log.
        format!("{}-{position}", self.log.identity().log_id)
    }

    /// The next event that is asked for. Cancel-safe.
    async fn selected(&mut self) -> Option<Arc<Notified>> {
        loop {
            let event = self.next().await?;
            if self.selection.is_everything() || self.selection.has(&event.type_name, &event.concerned) {
                return Some(event);
            }
            // A long stretch without a wanted event must let the stream's other tasks run.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// The event after the last one, from the log or from the hub. Cancel-safe.
    async fn next(&mut self) -> Option<Arc<Notified>> {
        loop {
            if let Some(event) = self.next.next() {
                self.position = event.position;
                return Some(event);
            }
            if self.is_behind {
                let events = self.log.newest_after(self.position, PAGE).await.ok()?;
                let serialised = events.iter().map(|event| Notified::of(&self.log, event).map(Arc::new));
                let serialised: Option<Vec<_>> = serialised.collect();
                self.next = serialised?.into_iter();
                self.is_behind = !events.is_empty();
                continue;
            }
            match self.news.recv().await {
                Ok(News::Event(event)) if event.position == self.position + 1 => {
                    self.position = event.position;
                    return Some(event);
                }
                Ok(News::Event(event)) if event.position <= self.position => {}
                Ok(_) | Err(RecvError::Lagged(_)) => self.is_behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
