//! The task that tells the cache what changed, after it committed, whichever process follows; and that keeps count of how
//! old the projection is.

use std::time::Duration;

use contract::clock::{Clock, Moment};
use event_store::health::with_causes;
use event_store::sql::{Sql, SqlError};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::keys::queries::Keys;

/// How soon a change that another process applied is seen.
const POLL_SHARED: Duration = Duration::from_millis(15);
/// How soon the cache hears that nothing changed, where the projector in this process wakes it for changes.
const POLL_ALONE: Duration = Duration::from_millis(100);
/// How often the projection's freshness is written for the other replicas, and read from them.
const FRESHNESS: Duration = Duration::from_secs(2);
/// Most changed keys that are told one by one.
const MAX_CHANGED: u64 = 2_000;

/// In order, so that it is the index that is read, however large the table.
static CHANGED: Sql =
    Sql::new("SELECT key FROM signup_keys WHERE changed_position > $1 ORDER BY changed_position LIMIT $2");
static PUT_FRESHNESS: Sql = Sql::new(
    "INSERT INTO keys_freshness (id, caught_up_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET
     caught_up_at = excluded.caught_up_at
     WHERE keys_freshness.caught_up_at < excluded.caught_up_at OR keys_freshness.caught_up_at > $2",
);
static FRESHNESS_ROW: Sql = Sql::new("SELECT caught_up_at FROM keys_freshness WHERE id = 1");

/// Tells the cache, until the task is aborted. `caught_up` is the word of the projector in this process.
pub async fn watch(keys: Keys, clock: Clock, caught_up: watch::Receiver<Option<Moment>>) {
    let poll = if keys.database().is_shared() { POLL_SHARED } else { POLL_ALONE };
    let mut moved = keys.checkpoint().subscribe();
    let mut seen = None;
    let mut asked: Option<Instant> = None;
    let (mut telling, mut sharing) = (FailureNotice::default(), FailureNotice::default());
    loop {
        let told = tell(&keys, seen).await;
        // The cache notices the silence by itself.
        telling.note(told.as_ref().err(), "the cache of keys cannot be told what changed");
        seen = told.ok().or(seen);
        let now = clock.now();
        if let Some(moment) = *caught_up.borrow() {
            keys.mark_fresh(moment, now);
        }
        if asked.is_none_or(|asked| asked.elapsed() >= FRESHNESS) {
            // Until it is known for the first time, it is asked at every turn.
            asked = keys.known_at(now).map(|_| Instant::now());
            let shared = share_freshness(&keys, now).await;
            sharing.note(shared.err().as_ref(), "how fresh the keys are cannot be shared");
            let age_seconds = keys.age_seconds(now).unwrap_or(i64::from(i32::MAX));
            metrics::gauge!("signpost_keys_age_seconds").set(f64::from(i32::try_from(age_seconds).unwrap_or(i32::MAX)));
        }
        // The sender lives as long as the checkpoint that `keys` holds; the usual ending is the time-out.
        let _ = tokio::time::timeout(poll, moved.changed()).await;
    }
}

/// Whether a failure was logged: each is tried again many times a second.
#[derive(Default)]
struct FailureNotice(bool);

impl FailureNotice {
    fn note(&mut self, failure: Option<&SqlError>, what: &'static str) {
        match failure {
            Some(error) if !self.0 => tracing::warn!(error = with_causes(error), "{what}"),
            None if self.0 => tracing::info!("works again: {what}"),
            _ => {}
        }
        self.0 = failure.is_some();
    }
}

/// Tells what changed since `seen`, which is a position and the projection's generation.
async fn tell(keys: &Keys, seen: Option<(u64, u64)>) -> Result<(u64, u64), SqlError> {
    let state = keys.checkpoint().read().await?;
    let (position, generation) = (state.point.position, state.generation);
    let before = seen.filter(|(before, rebuilt)| *rebuilt == generation && *before <= position);
    match before {
        Some((before, _)) if before == position => keys.cache().tell(position, generation, &[]),
        Some((before, _)) => {
            let rows = keys.database().rows(&CHANGED, &[before.into(), MAX_CHANGED.into()]).await?;
            let changed = rows.iter().map(|row| row.text("key")).collect::<Result<Vec<_>, _>>()?;
            keys.read_rules().await?;
            if u64::try_from(changed.len()).is_ok_and(|count| count < MAX_CHANGED) {
                keys.cache().tell(position, generation, &changed);
            } else {
                keys.cache().tell_all(position, generation);
            }
        }
        None => {
            keys.read_rules().await?;
            keys.cache().tell_all(position, generation);
        }
    }
    Ok((position, generation))
}

/// Writes how fresh the keys are known to be here, or takes what another replica wrote, whichever is later. A stored moment that
/// has not come yet is replaced.
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
