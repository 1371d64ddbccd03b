//! Deletes confirmations that have ended. Several replicas that do it at once do no harm.

use std::time::Duration;

use contract::clock::Clock;
use event_store::sql::Database;

use crate::confirmations::table::{DELETED_AT_ONCE, delete_expired};

/// How often confirmations that have ended are deleted.
const DELETE_EVERY: Duration = Duration::from_mins(1);
/// The pause between two deletions when many have ended.
const PAUSE: Duration = Duration::from_millis(100);

/// Deletes ended confirmations until the task is aborted.
pub async fn delete_now_and_then(database: Database, clock: Clock) {
    loop {
        let deleted = delete_expired(&database, clock.now()).await;
        if let Err(error) = &deleted {
            tracing::warn!(error = %error, "expired confirmations could not be deleted; retrying later");
        }
        let is_more = deleted.is_ok_and(|count| count == DELETED_AT_ONCE);
        tokio::time::sleep(if is_more { PAUSE } else { DELETE_EVERY }).await;
    }
}
