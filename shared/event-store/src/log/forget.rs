//! Repetitions of commands without events are recognised for a limited time only. Commands with an event are
//! recognised for ever, since the event names its command.

use std::time::Duration;

use super::reader::Log;
use crate::health::with_causes;
use crate::sql::{Sql, SqlError};
use contract::clock::{Clock, Moment};

/// How often expired commands are deleted.
const FORGET_EVERY: Duration = Duration::from_mins(10);
/// Most commands deleted in one transaction; the pause after it lets writers in.
pub const FORGOTTEN_AT_ONCE: u64 = 500;
const PAUSE: Duration = Duration::from_millis(100);
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

static FORGET: Sql = Sql::new(
    "DELETE FROM commands_without_events WHERE id IN (
         SELECT id FROM commands_without_events WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2)",
);

impl Log {
    /// Deletes the oldest commands without events from before a moment, [`FORGOTTEN_AT_ONCE`] at most; returns their
    /// number.
    pub async fn forget_commands(&self, before: Moment) -> Result<u64, SqlError> {
        self.database().execute(&FORGET, &[before.into(), FORGOTTEN_AT_ONCE.into()]).await
    }
}

/// Deletes commands that are older than `days`, until the task is aborted; several replicas that do it at once do no harm.
pub async fn forget_now_and_then(log: Log, clock: Clock, days: i64) {
    loop {
        let before = Moment::from_micros(clock.now().micros().saturating_sub(days.saturating_mul(DAY_MICROS)));
        let forgotten = log.forget_commands(before).await;
        if let Err(error) = &forgotten {
            tracing::warn!(error = with_causes(error), "old commands could not be deleted; retrying later");
        }
        let is_more = forgotten.is_ok_and(|count| count == FORGOTTEN_AT_ONCE);
        tokio::time::sleep(if is_more { PAUSE } else { FORGET_EVERY }).await;
    }
}
