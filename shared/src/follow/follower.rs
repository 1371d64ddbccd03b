//! The loop that keeps one view up to date.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::checkpoint::Checkpoint;
use super::source::Source;
use super::{Followed, View, parked};
use crate::clock::{Clock, Moment};
use crate::events::{Contract, Misfit};
use crate::feed::{Feed, FeedError};
use crate::lease::{self, Lease};
use crate::log::Recorded;
use crate::sql::{Database, SqlError};

/// First and longest pause after a failure.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Shortest time between two questions that get "nothing new".
const SHORTEST_IDLE_ROUND: Duration = Duration::from_millis(20);

/// How long events gather for a view that may lag.
const GATHERING: Duration = Duration::from_millis(100);

/// Why a round of following did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RoundError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("position {position} follows {after} in the feed, and nobody has what is between")]
    Hole { after: u64, position: u64 },
}

/// Keeps one view up to date with one log.
pub struct Follower<V: View> {
    applier: Applier<V>,
    lease: Lease,
    source: Source,
    caught_up: watch::Sender<Option<Moment>>,
}

/// Writes pages of events to the view, each with its checkpoint.
struct Applier<V: View> {
    view: Arc<V>,
    database: Database,
    clock: Clock,
    checkpoint: Checkpoint,
}

impl<V: View> Follower<V> {
    /// A follower that reads `feed`, and `replay` where the feed has holes, is silent or does not answer.
    pub async fn new(
        view: Arc<V>,
        database: Database,
        clock: Clock,
        feed: Feed,
        replay: Option<Feed>,
    ) -> Result<Self, SqlError> {
        let checkpoint = Checkpoint::open(database.clone(), V::NAME).await?;
        let lease = Lease::new(database.clone(), &format!("follow-{}", V::NAME), clock.clone());
        let source = Source::new(feed, replay, clock.clone());
        let applier = Applier { view, database, clock, checkpoint };
        Ok(Self { applier, lease, source, caught_up: watch::Sender::new(None) })
    }

    /// The view's checkpoint.
    pub fn checkpoint(&self) -> Checkpoint {
        self.applier.checkpoint.clone()
    }

    /// Up to which moment the view is known to hold all there was, by the owner's word where there is one to ask;
    /// `None` before that, and where another replica follows.
    pub fn caught_up(&self) -> watch::Receiver<Option<Moment>> {
        self.caught_up.subscribe()
    }

    /// Follows until the task is aborted.
    pub async fn run(mut self) {
        let mut pause = RETRY_PAUSE.0;
        loop {
            match self.lease.hold().await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::time::sleep(lease::RENEW).await;
                    continue;
                }
                Err(error) => tracing::warn!(view = V::NAME, error = %error, "cannot ask for the lease"),
            }
            match self.round().await {
                Ok(()) => pause = RETRY_PAUSE.0,
                Err(error) => {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(view = V::NAME, error = %error, source, "following failed; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY_PAUSE.1);
                }
            }
        }
    }

    /// Takes one page of events, or learns that there are none.
    async fn round(&mut self) -> Result<(), RoundError> {
        let position = self.applier.position().await?;
        let found = self.source.next(position).await?;
        let holds_all_up_to = |moment: Moment| self.caught_up.send_modify(|known| *known = (*known).max(Some(moment)));
        if let Some(last) = found.events.last() {
            let apply = async {
                self.applier.apply(position, &found.events).await?;
                holds_all_up_to(last.recorded_at);
                Ok(())
            };
            let may_gather = is_within(V::MAY_LAG, last.recorded_at, self.applier.clock.now());
            let look_ahead = async {
                if may_gather {
                    tokio::time::sleep(GATHERING).await;
                }
                self.source.look_ahead(last.position).await;
            };
            // While the database has its turn, the feed has its own.
            return tokio::join!(apply, look_ahead).0;
        }
        if found.complete {
            holds_all_up_to(found.asked);
        }
        // A feed that says at once that there is nothing must not be asked without a pause.
        tokio::time::sleep(SHORTEST_IDLE_ROUND.saturating_sub(found.begun.elapsed())).await;
        Ok(())
    }
}

impl<V: View> Applier<V> {
    /// Where the view stands.
    async fn position(&self) -> Result<u64, SqlError> {
        let (position, _) = self.checkpoint.read().await?;
        self.checkpoint.has_reached(position);
        Ok(position)
    }

    /// Applies a page as a whole, or, when an event of it cannot be applied, one event after the other.
    async fn apply(&self, position: u64, page: &[Recorded]) -> Result<(), SqlError> {
        match self.apply_together(position, page).await {
            Err(error) if error.is_about_data() => {
                let mut position = position;
                for event in page {
                    let alone = std::slice::from_ref(event);
                    match self.apply_together(position, alone).await {
                        Err(error) if error.is_about_data() => self.park(position, event, &error).await?,
                        outcome => outcome?,
                    }
                    position = event.position;
                }
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn apply_together(&self, position: u64, page: &[Recorded]) -> Result<(), SqlError> {
        let last = page.last().map_or(position, |event| event.position);
        let mut tx = self.database.begin().await?;
        let parked = parked::streams(&mut tx, V::NAME).await?;
        let (waiting, free): (Vec<&Recorded>, Vec<&Recorded>) =
            page.iter().partition(|event| parked.contains(&event.stream));
        for event in waiting {
            parked::park(&mut tx, V::NAME, event, "waits behind an event of its stream", &self.clock).await?;
        }
        let events = read_all::<V>(free).map_err(|_| SqlError::Column { column: "data".to_owned() })?;
        self.view.apply(&mut tx, &events).await?;
        if self.checkpoint.advance(&mut tx, position, last).await? {
            tx.commit().await?;
            self.checkpoint.has_reached(last);
            let count = u64::try_from(page.len()).unwrap_or(0);
            metrics::counter!("signpost_follower_events_total", "view" => V::NAME).increment(count);
        }
        // Otherwise another follower was quicker: nothing is kept, and the next round reads where it stands.
        Ok(())
    }

    async fn park(&self, position: u64, event: &Recorded, error: &SqlError) -> Result<(), SqlError> {
        let mut tx = self.database.begin().await?;
        parked::park(&mut tx, V::NAME, event, &error.to_string(), &self.clock).await?;
        if self.checkpoint.advance(&mut tx, position, event.position).await? {
            tx.commit().await?;
            self.checkpoint.has_reached(event.position);
            tracing::error!(view = V::NAME, position = event.position, stream = event.stream, error = %error,
                "an event cannot be applied; its stream is parked");
        }
        Ok(())
    }
}

/// Whether what was recorded then is not older than that now.
fn is_within(age: Duration, recorded_at: Moment, now: Moment) -> bool {
    let micros = u64::try_from(now.micros().saturating_sub(recorded_at.micros())).unwrap_or(0);
    Duration::from_micros(micros) < age
}

/// Reads events by their contract; types that it does not know are counted and left out.
pub(super) fn read_all<'a, V: View>(
    events: impl IntoIterator<Item = &'a Recorded>,
) -> Result<Vec<Followed<V::Event>>, Misfit> {
    let mut followed = Vec::new();
    for event in events {
        let Some(read) = V::Event::read(&event.type_name, &event.data)? else {
            metrics::counter!("signpost_unknown_events_total", "view" => V::NAME).increment(1);
            continue;
        };
        followed.push(Followed {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            recorded_at: event.recorded_at,
            actor: event.actor.clone(),
            event: read,
        });
    }
    Ok(followed)
}
