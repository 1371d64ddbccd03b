//! Events that the log lost and a copy of it still has: taken back, when the hash chain says that they are the very same.

use super::batch::{ADD_EVENTS, LOCK_HEAD, event_row, move_head};
use super::event::Recorded;
use super::reader::{Head, Log};
use crate::sql::SqlError;

/// Why events cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database's own trouble.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The event is not the one that came next: the histories differ.
    #[error("event {0} does not continue this log")]
    OtherHistory(u64),
}

/// Appends events exactly as they were, all or none; answers the position reached.
pub async fn restore(log: &Log, events: &[Recorded]) -> Result<u64, RestoreError> {
    let mut tx = log.database().begin().await?;
    let row = tx.row(&LOCK_HEAD, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    let before = Head { position: row.count("position")?, hash: row.text("hash")? };
    let mut head = before.clone();
    for event in events {
        if event.position != head.position + 1 || event.chain(&head.hash, log.identity()) != event.hash {
            return Err(RestoreError::OtherHistory(event.position));
        }
        head = Head { position: event.position, hash: event.hash.clone() };
    }
    tx.queue(&ADD_EVENTS, events.iter().map(event_row).collect());
    move_head(&mut tx, &head, &before);
    tx.commit().await?;
    log.has_grown_to(head.position);
    Ok(head.position)
}
