//! The task that notifies the cache of committed changes, whichever process applied them, and records how fresh the
//! projection is.

use std::time::Duration;

use contract::clock::{Clock, Moment};
use event_store::health::with_causes;
use event_store::sql::{Sql, SqlError};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::keys::queries::Keys;

/// Poll interval for changes that another process applied.
const POLL_SHARED: Duration = Duration::from_millis(15);
/// Poll interval where the projector in this process wakes the task for each change.
const POLL_ALONE: Duration = Duration::from_millis(100);
/// How often the projection's freshness is exchanged with the other replicas.
const FRESHNESS: Duration = Duration::from_secs(2);
/// Most changed keys in one notification; beyond that the whole cache is invalidated.
const MAX_CHANGED: u64 = 2_000;

/// The order makes the database use the index, however large the table is.
static CHANGED: Sql =
    Sql::new("SELECT key FROM signup_keys WHERE changed_position > $1 ORDER BY changed_position LIMIT $2");
static PUT_FRESHNESS: Sql = Sql::new(
    "INSERT INTO keys_freshness (id, caught_up_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET
     caught_up_at = excluded.caught_up_at
     WHERE keys_freshness.caught_up_at < excluded.caught_up_at OR keys_freshness.caught_up_at > $2",
);
static FRESHNESS_ROW: Sql = Sql::new("SELECT caught_up_at FROM keys_freshness WHERE id = 1");

/// Notifies the cache until the task is aborted. `caught_up` comes from the projector in this process.
pub async fn watch(keys: Keys, clock: Clock, caught_up: watch::Receiver<Option<Moment>>) {
    let poll = if keys.database().is_shared() { POLL_SHARED } else { POLL_ALONE };
    let mut moved = keys.checkpoint().subscribe();
    let mut seen = None;
    let mut shared_at: Option<Instant> = None;
    let (mut notifying, mut sharing) = (FailureNotice::default(), FailureNotice::default());
    loop {
        let notified = notify(&keys, seen).await;
        // The cache counts the missing notifications itself.
        notifying.note(notified.as_ref().err(), "the cache of keys cannot be notified of changes");
        seen = notified.ok().or(seen);
        let now = clock.now();
        if let Some(moment) = *caught_up.borrow() {
            keys.mark_fresh(moment, now);
        }
        if shared_at.is_none_or(|shared_at| shared_at.elapsed() >= FRESHNESS) {
            // Until freshness is known for the first time, every poll reads it.
            shared_at = keys.known_at(now).map(|_| Instant::now());
            let shared = share_freshness(&keys, now).await;
            sharing.note(shared.err().as_ref(), "the keys' freshness cannot be shared");
            let age_seconds = keys.age_seconds(now).unwrap_or(i64::from(i32::MAX));
            metrics::gauge!("signpost_keys_age_seconds").set(f64::from(i32::try_from(age_seconds).unwrap_or(i32::MAX)));
        }
        // The sender lives as long as `keys`, so the wait ends by a change or the time-out.
        let _ = tokio::time::timeout(poll, moved.changed()).await;
    }
}

/// Logs the first failure of a series: each call is repeated many times a second.
#[derive(Default)]
struct FailureNotice(bool);

impl FailureNotice {
    fn note(&mut self, failure: Option<&SqlError>, what: &'static str) {
        match failure {
            Some(error) if !self.0 => tracing::warn!(error = with_causes(error), "{what}"),
            None if self.0 => tracing::info!("recovered: {what}"),
            _ => {}
        }
        self.0 = failure.is_some();
    }
}

/// Notifies of the changes since `seen`: a position and the projection's generation.
async fn notify(keys: &Keys, seen: Option<(u64, u64)>) -> Result<(u64, u64), SqlError> {
    let state = keys.checkpoint().read().await?;
    let (position, generation) = (state.point.position, state.generation);
    let before = seen.filter(|(before, rebuilt)| *rebuilt == generation && *before <= position);
    match before {
        Some((before, _)) if before == position => keys.cache().notify(position, generation, &[]),
        Some((before, _)) => {
            let rows = keys.database().rows(&CHANGED, &[before.into(), MAX_CHANGED.into()]).await?;
            let changed = rows.iter().map(|row| row.text("key")).collect::<Result<Vec<_>, _>>()?;
            keys.read_rules().await?;
            if u64::try_from(changed.len()).is_ok_and(|count| count < MAX_CHANGED) {
                keys.cache().notify(position, generation, &changed);
            } else {
                keys.cache().notify_all(position, generation);
            }
        }
        None => {
            keys.read_rules().await?;
            keys.cache().notify_all(position, generation);
        }
    }
    Ok((position, generation))
}

/// Writes the freshness known in this process, or takes the one that another replica wrote, whichever is later. A
/// stored moment in the future is replaced.
pub async fn share_freshness(keys: &Keys, now: Moment) -> Result<(), SqlError> {
    let known = keys.known_at(now);
    let shared = keys.database().row(&FRESHNESS_ROW, &[]).await?;
    let shared = shared.map(|row| row.moment("caught_up_at")).transpose()?;
    let shared = shared.and_then(|shared| shared.unless_ahead_of(now));
    if let Some(known) = known.filter(|known| Some(*known) > shared) {
        keys.database().execute(&PUT_FRESHNESS, &[known.into(), now.with_skew().into()]).await?;
    } else if let Some(shared) = shared {
        keys.mark_fresh(shared, now);
    }
    Ok(())
}
