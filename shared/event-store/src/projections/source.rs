//! The next events of a projector: from its feed, checked against the owner's replay where the feed is only a copy.
//! The next page is fetched while the last one is applied.
//!
//! Every page must continue the history of the checkpoint: the same log, the next positions, each hash right. Any
//! other page is never applied.

use std::time::Instant;

use uuid::Uuid;

use super::checkpoint::CheckpointState;
use crate::feed::{Feed, FeedError, FeedPage};
use crate::log::{Identity, LogPoint, RecordedEvent};
use crate::sql::SqlError;
use contract::clock::{Clock, Moment};

/// Why a round failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RoundError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("position {position} follows {after} in the feed, and no source has the events between")]
    Hole { after: u64, position: u64 },
    /// The log does not contain what was followed.
    #[error("{0}")]
    Fenced(String),
}

/// The events after a checkpoint.
pub(super) struct Found {
    pub(super) events: Vec<RecordedEvent>,
    /// The id of their log; `None` for an empty log.
    pub(super) log_id: Option<Uuid>,
    /// The owner itself states that there are no more.
    pub(super) complete: bool,
    /// The log was seen to contain the checkpoint: events continue it, or the owner stated that the log ends there.
    pub(super) is_proven: bool,
    /// When the request was sent.
    pub(super) asked_at: Moment,
    pub(super) begun: Instant,
}

/// A page of a feed.
struct Fetched {
    position: u64,
    asked_at: Moment,
    begun: Instant,
    page: Result<FeedPage, FeedError>,
}

/// A feed, and the owner's replay where the feed is only a copy.
pub(super) struct Source {
    /// The service whose log is followed.
    service: &'static str,
    feed: Feed,
    replay: Option<Feed>,
    clock: Clock,
    ahead: Option<Fetched>,
}

impl Source {
    pub(super) fn new(service: &'static str, feed: Feed, replay: Option<Feed>, clock: Clock) -> Self {
        Self { service, feed, replay, clock, ahead: None }
    }

    /// Fetches the page after `position` ahead of its use.
    pub(super) async fn look_ahead(&mut self, position: u64) {
        self.ahead = Some(self.fetch(position).await);
    }

    async fn fetch(&mut self, position: u64) -> Fetched {
        let (asked_at, begun) = (self.clock.now(), Instant::now());
        Fetched { position, asked_at, begun, page: self.feed.next(position).await }
    }

    /// The next events without a gap. If the feed is silent or broken, or has a gap or another history, the owner's
    /// replay decides.
    pub(super) async fn next(&mut self, from: &CheckpointState) -> Result<Found, RoundError> {
        let position = from.point.position;
        let Fetched { asked_at, begun, page, .. } = match self.ahead.take() {
            Some(fetched) if fetched.position == position => fetched,
            _ => self.fetch(position).await,
        };
        let service = self.service;
        let found = |page: Continued, is_owners: bool| Found {
            complete: is_owners && page.events.is_empty(),
            is_proven: page.is_proven,
            events: page.events,
            log_id: page.log_id,
            asked_at,
            begun,
        };
        let fetched = page.map_err(RoundError::from).and_then(|page| continued(service, from, page));
        match (fetched, &mut self.replay) {
            (fetched, None) => fetched.map(|page| found(page, true)),
            (Ok(page), Some(_)) if !page.events.is_empty() => Ok(found(page, false)),
            // The stream may be behind the log, for example while the owner cannot reach the bus.
            (Ok(nothing), Some(replay)) => match replay.next(position).await {
                Ok(page) => continued(service, from, page).map(|page| found(page, true)),
                Err(_) => Ok(found(nothing, false)),
            },
            (Err(_), Some(replay)) => {
                continued(service, from, replay.next(position).await?).map(|page| found(page, true))
            }
        }
    }
}

/// A page that continues a history.
struct Continued {
    events: Vec<RecordedEvent>,
    log_id: Option<Uuid>,
    is_proven: bool,
}

/// The events right after a checkpoint, without repetitions, up to the first gap. Fails where the gap comes first,
/// and where the log is not the followed one.
fn continued(service: &'static str, from: &CheckpointState, page: FeedPage) -> Result<Continued, RoundError> {
    let (log_id, head) = (page.log_id.or(from.log_id), page.head);
    if let (Some(followed), Some(found)) = (from.log_id, log_id)
        && followed != found
    {
        return Err(RoundError::Fenced(format!("the projection follows log {followed}, and this is log {found}")));
    }
    let events = contiguous(from.point.position, page.events)?;
    if events.is_empty() {
        check_head(from.point, head)?;
    }
    if let Some(log_id) = log_id {
        let behind = from.point.behind(&events, &Identity { service, log_id });
        behind.map_err(|diverged| RoundError::Fenced(format!("{diverged}: the log was changed, or is another")))?;
    }
    Ok(Continued { is_proven: !events.is_empty() || head == Some(from.point), events, log_id })
}

/// Fails if the owner's log ends before the checkpoint, or has another event there.
fn check_head(from: LogPoint, head: Option<LogPoint>) -> Result<(), RoundError> {
    let Some(head) = head else { return Ok(()) };
    if head.position < from.position {
        let (from, head) = (from.position, head.position);
        return Err(RoundError::Fenced(format!(
            "the log ends at position {head}, the projection holds {from}: it lost events"
        )));
    }
    if head.position == from.position && head.hash != from.hash {
        return Err(RoundError::Fenced(format!("the log has another event at position {}", from.position)));
    }
    Ok(())
}

fn contiguous(position: u64, page: Vec<RecordedEvent>) -> Result<Vec<RecordedEvent>, RoundError> {
    let mut next = position + 1;
    let mut kept = Vec::with_capacity(page.len());
    for event in page {
        if event.position == next {
            next += 1;
            kept.push(event);
        } else if event.position > next {
            if kept.is_empty() {
                return Err(RoundError::Hole { after: position, position: event.position });
            }
            break;
        }
    }
    Ok(kept)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]
mod tests {
    use super::*;
    use crate::log::EventHash;

    #[test]
    fn a_log_that_ends_further_on_does_not_prove_that_it_contains_the_checkpoint() {
        let point = LogPoint { position: 7, hash: EventHash([7; 32]) };
        let from = CheckpointState { log_id: Some(Uuid::from_u128(1)), point, generation: 1, halted: None };
        let proves = |head: Option<LogPoint>| {
            let page = FeedPage { events: Vec::new(), log_id: from.log_id, head };
            continued("agents", &from, page).map(|page| page.is_proven)
        };
        assert!(!proves(None).unwrap());
        assert!(!proves(Some(LogPoint { position: 8, ..point })).unwrap());
        assert!(proves(Some(point)).unwrap());
        assert!(proves(Some(LogPoint { hash: EventHash([8; 32]), ..point })).is_err());
    }
}
