//! Events that the log lost and a copy of it still has: taken back, when the hash chain says that they are the very same.

use super::batch::append_as_they_are;
use super::event::RecordedEvent;
use super::hash::EventHash;
use super::head::LOCK_HEAD;
use super::point::{Diverged, LogPoint};
use super::reader::{HALT, Log};
use crate::sql::SqlError;

/// Why events cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database's own trouble.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// An event is not the one that came next: the histories differ.
    #[error(transparent)]
    OtherHistory(#[from] Diverged),
}

/// Until the tables that decide tell of the events too, nothing may be decided by them.
const UNTIL_MENDED: &str = "lost events were taken back; the tables do not tell of them yet";

/// Appends events exactly as they were, all or none, and halts the log until the tables are mended; answers the position reached.
pub async fn restore(log: &Log, events: &[RecordedEvent]) -> Result<u64, RestoreError> {
    let mut tx = log.database().begin().await?;
    let row = tx.row(&LOCK_HEAD, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    let before = LogPoint { position: row.count("position")?, hash: EventHash(row.array("hash")?) };
    let head = before.behind(events, log.identity())?;
    append_as_they_are(&mut tx, events, head);
    tx.execute(&HALT, &[UNTIL_MENDED.into()]).await?;
    tx.commit().await?;
    log.has_grown_to(head.position);
    Ok(head.position)
}
