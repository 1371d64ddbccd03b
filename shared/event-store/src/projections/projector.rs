//! The loop that keeps one projection up to date.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, CheckpointState};
use super::parked;
use super::projection::{Projection, read_all};
use super::source::{Found, RoundError, Source};
use crate::feed::Feed;
use crate::health::{Dependency, Status, with_causes};
use crate::lease::{self, Lease};
use crate::log::{LogPoint, RecordedEvent};
use crate::sql::{Database, SqlError};
use contract::clock::{Clock, Moment};
use contract::events::EventSet;

/// First and longest pause after a failure.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Shortest time between two reads of a feed without new events.
const SHORTEST_IDLE_ROUND: Duration = Duration::from_millis(20);

/// How long events gather for a projection that may lag.
const GATHERING: Duration = Duration::from_millis(100);

/// Keeps one projection up to date with one log.
pub struct Projector<V: Projection> {
    applier: Applier<V>,
    lease: Lease,
    source: Source,
    health: Dependency,
    caught_up: watch::Sender<Option<Moment>>,
}

/// Applies pages of events, each in a transaction with the checkpoint.
struct Applier<V: Projection> {
    view: Arc<V>,
    database: Database,
    clock: Clock,
    checkpoint: Checkpoint,
}

impl<V: Projection> Projector<V> {
    /// A projector that reads `feed`, and `replay` where the feed has a gap, is silent or does not respond.
    pub async fn new(
        view: Arc<V>,
        database: Database,
        clock: Clock,
        feed: Feed,
        replay: Option<Feed>,
        health: Dependency,
    ) -> Result<Self, SqlError> {
        let checkpoint = Checkpoint::open(database.clone(), V::NAME).await?;
        let lease = Lease::new(database.clone(), &format!("follow-{}", V::NAME));
        let service = V::Event::ROOT.split('.').next().unwrap_or_default();
        let source = Source::new(service, feed, replay, clock.clone());
        let applier = Applier { view, database, clock, checkpoint };
        Ok(Self { applier, lease, source, health, caught_up: watch::Sender::new(None) })
    }

    /// The projection's checkpoint.
    pub fn checkpoint(&self) -> Checkpoint {
        self.applier.checkpoint.clone()
    }

    /// The moment up to which the projection is known to hold all events, by the owner's feed where there is one;
    /// `None` before that, and where another replica follows.
    pub fn caught_up(&self) -> watch::Receiver<Option<Moment>> {
        self.caught_up.subscribe()
    }

    /// Follows until the task is aborted.
    pub async fn run(mut self) {
        let mut pause = RETRY_PAUSE.0;
        loop {
            match self.turn().await {
                Ok(followed) => {
                    if followed {
                        self.health.set(Status::Ok);
                    }
                    pause = RETRY_PAUSE.0;
                }
                Err(error) => {
                    self.report(&error);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY_PAUSE.1);
                }
            }
        }
    }

    /// Follows for a round if this process holds the lease. Otherwise the checkpoint gives the state.
    async fn turn(&mut self) -> Result<bool, RoundError> {
        if self.lease.hold().await? {
            return self.round().await.map(|()| true);
        }
        match self.applier.checkpoint.read().await?.halted {
            Some(reason) => self.health.set_lasting(Self::unreliable(&reason)),
            None => self.health.set(Status::Ok),
        }
        tokio::time::sleep(lease::RENEW).await;
        Ok(false)
    }

    fn unreliable(reason: &str) -> Status {
        let cause = format!("{reason}; run `signpost repair`");
        if V::IS_ESSENTIAL { Status::Failing(cause) } else { Status::Degraded(cause) }
    }

    /// If the log does not contain what was followed, the projection cannot be relied on. Any other error is
    /// temporary, and the projection only gets old.
    fn report(&self, error: &RoundError) {
        match error {
            RoundError::Fenced(reason) => self.health.set_lasting(Self::unreliable(reason)),
            passing => self.health.set(Status::Degraded(with_causes(passing))),
        }
    }

    /// Applies one page of events, or finds that there are none.
    async fn round(&mut self) -> Result<(), RoundError> {
        let state = self.applier.state().await?;
        let found = match self.source.next(&state).await {
            // The point is the one of this comparison: a rebuild may have moved the projection meanwhile.
            Err(RoundError::Fenced(reason)) => {
                self.applier.checkpoint.halt(state.point, &reason).await?;
                return Err(RoundError::Fenced(reason));
            }
            found => found?,
        };
        if state.halted.is_some() && found.is_proven {
            self.applier.checkpoint.resume().await?;
        }
        let (caught_up, clock) = (&self.caught_up, &self.applier.clock);
        // An event's moment comes from its owner's clock. A moment in the future does not prove that the projection
        // is fresh.
        let holds_all_up_to = |moment: Moment| {
            let now = clock.now();
            let believed = |moment: Moment| moment.unless_ahead_of(now);
            caught_up.send_modify(|known| *known = known.and_then(believed).max(believed(moment)));
        };
        if let Some(last) = found.events.last() {
            let apply = async {
                self.applier.apply(state.point, &found).await?;
                holds_all_up_to(last.recorded_at);
                Ok(())
            };
            // By a clock that stands, every event would seem to have just happened.
            let may_gather = clock.runs() && is_within(V::MAY_LAG, last.recorded_at, clock.now());
            let look_ahead = async {
                if may_gather {
                    tokio::time::sleep(GATHERING).await;
                }
                self.source.look_ahead(last.position).await;
            };
            // Fetches the next page while this one is applied.
            return tokio::join!(apply, look_ahead).0;
        }
        if found.complete {
            holds_all_up_to(found.asked_at);
        }
        // Limits the rate of polls of a feed without new events.
        tokio::time::sleep(SHORTEST_IDLE_ROUND.saturating_sub(found.begun.elapsed())).await;
        Ok(())
    }
}

impl<V: Projection> Applier<V> {
    /// The checkpoint.
    async fn state(&self) -> Result<CheckpointState, SqlError> {
        let state = self.checkpoint.read().await?;
        self.checkpoint.has_reached(state.point.position);
        Ok(state)
    }

    /// Applies the found events in pages.
    async fn apply(&self, from: LogPoint, found: &Found) -> Result<(), SqlError> {
        let Some(log_id) = found.log_id else { return Ok(()) };
        let mut from = from;
        for page in found.events.chunks(V::PAGE) {
            let began = Instant::now();
            let to = page.last().map_or(from, LogPoint::of);
            self.apply_page(from, page, to, log_id).await?;
            tokio::time::sleep(began.elapsed() * V::RESTS).await;
            from = to;
        }
        Ok(())
    }

    /// Applies a page as a whole, or, if one of its events cannot be applied, event by event.
    async fn apply_page(
        &self,
        from: LogPoint,
        page: &[RecordedEvent],
        to: LogPoint,
        log_id: Uuid,
    ) -> Result<(), SqlError> {
        match self.apply_together(from, page, to, log_id).await {
            Err(error) if error.is_about_data() => {
                let mut from = from;
                for event in page {
                    let (alone, to) = (std::slice::from_ref(event), LogPoint::of(event));
                    match self.apply_together(from, alone, to, log_id).await {
                        Err(error) if error.is_about_data() => self.park(from, event, log_id, &error).await?,
                        outcome => outcome?,
                    }
                    from = to;
                }
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn apply_together(
        &self,
        from: LogPoint,
        page: &[RecordedEvent],
        to: LogPoint,
        log_id: Uuid,
    ) -> Result<(), SqlError> {
        let mut tx = self.database.begin().await?;
        if !self.checkpoint.advance(&mut tx, from, to, log_id).await? {
            // Another projector was faster: the next round reads the new checkpoint.
            return Ok(());
        }
        let parked = parked::streams(&mut tx, V::NAME).await?;
        let (waiting, free): (Vec<&RecordedEvent>, Vec<&RecordedEvent>) =
            page.iter().partition(|event| parked.contains(&event.stream));
        for event in waiting {
            parked::park(&mut tx, V::NAME, event, "waits behind an event of its stream", &self.clock).await?;
        }
        let events = read_all::<V>(free).map_err(|_| SqlError::Column { column: "data".to_owned() })?;
        self.view.apply(&mut tx, &events).await?;
        tx.commit().await?;
        self.checkpoint.has_reached(to.position);
        let count = u64::try_from(page.len()).unwrap_or(0);
        metrics::counter!("signpost_follower_events_total", "view" => V::NAME).increment(count);
        Ok(())
    }

    async fn park(
        &self,
        from: LogPoint,
        event: &RecordedEvent,
        log_id: Uuid,
        error: &SqlError,
    ) -> Result<(), SqlError> {
        let mut tx = self.database.begin().await?;
        if self.checkpoint.advance(&mut tx, from, LogPoint::of(event), log_id).await? {
            parked::park(&mut tx, V::NAME, event, &error.to_string(), &self.clock).await?;
            tx.commit().await?;
            self.checkpoint.has_reached(event.position);
            tracing::error!(view = V::NAME, position = event.position, stream = event.stream, error = %error,
                "an event cannot be applied; its stream is parked");
        }
        Ok(())
    }
}

/// Whether the event is no older than `age` now.
fn is_within(age: Duration, recorded_at: Moment, now: Moment) -> bool {
    let micros = u64::try_from(now.micros().saturating_sub(recorded_at.micros())).unwrap_or(0);
    Duration::from_micros(micros) < age
}
