//! Restores events that the log has lost and a copy still has, if the hash chain proves that they are the same.

use super::batch::append_as_they_are;
use super::event::RecordedEvent;
use super::hash::EventHash;
use super::head::LOCK_HEAD;
use super::point::{Diverged, LogPoint};
use super::reader::{HALT, Log};
use crate::sql::SqlError;

/// Why events cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// An event does not come next in the log: the histories differ.
    #[error(transparent)]
    OtherHistory(#[from] Diverged),
}

/// The halt reason until the service's own tables include the restored events.
const UNTIL_MENDED: &str = "lost events were taken back; the tables do not tell of them yet";

/// Appends events unchanged, all or none, and halts the log until the tables are restored; returns the last position.
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
