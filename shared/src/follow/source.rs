//! Where a follower's next events come from: its feed, checked against the owner's replay where the feed is only a copy. The
//! feed is asked for the next page while the last one is applied.

use std::time::Instant;

use super::follower::RoundError;
use crate::clock::{Clock, Moment};
use crate::feed::{Feed, FeedError};
use crate::log::Recorded;

/// What there is behind a position.
pub(super) struct Found {
    pub(super) events: Vec<Recorded>,
    /// Whether the owner's own word is that there is no more.
    pub(super) complete: bool,
    /// When the asking began.
    pub(super) asked: Moment,
    pub(super) begun: Instant,
}

/// What a feed gave.
struct Fed {
    position: u64,
    asked: Moment,
    begun: Instant,
    page: Result<Vec<Recorded>, FeedError>,
}

/// A feed, and the owner's word where that is only a copy.
pub(super) struct Source {
    feed: Feed,
    replay: Option<Feed>,
    clock: Clock,
    ahead: Option<Fed>,
}

impl Source {
    pub(super) fn new(feed: Feed, replay: Option<Feed>, clock: Clock) -> Self {
        Self { feed, replay, clock, ahead: None }
    }

    /// Asks the feed already for what comes behind `position`.
    pub(super) async fn look_ahead(&mut self, position: u64) {
        self.ahead = Some(self.ask(position).await);
    }

    async fn ask(&mut self, position: u64) -> Fed {
        let (asked, begun) = (self.clock.now(), Instant::now());
        Fed { position, asked, begun, page: self.feed.next(position).await }
    }

    /// The next events without a gap. A feed that is silent, broken or has a hole is checked against the owner.
    pub(super) async fn next(&mut self, position: u64) -> Result<Found, RoundError> {
        let Fed { asked, begun, page, .. } = match self.ahead.take() {
            Some(fed) if fed.position == position => fed,
            _ => self.ask(position).await,
        };
        let found = |events: Vec<Recorded>| Found { complete: events.is_empty(), events, asked, begun };
        let fed = page.map_err(RoundError::from).and_then(|page| contiguous(position, page));
        match (fed, &mut self.replay) {
            (fed, None) => fed.map(found),
            (Ok(events), Some(_)) if !events.is_empty() => Ok(found(events)),
            // The stream may be behind the log: its owner cannot reach the bus, say.
            (Ok(_), Some(replay)) => match replay.next(position).await {
                Ok(page) => contiguous(position, page).map(found),
                Err(_) => Ok(Found { events: Vec::new(), complete: false, asked, begun }),
            },
            (Err(_), Some(replay)) => Ok(found(contiguous(position, replay.next(position).await?)?)),
        }
    }
}

/// The events right behind `position`, without repetitions, up to the first gap; an error when a gap comes first.
fn contiguous(position: u64, page: Vec<Recorded>) -> Result<Vec<Recorded>, RoundError> {
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
