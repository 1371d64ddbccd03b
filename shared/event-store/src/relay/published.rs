//! Whether a log was ever published, as its database records it. A missing stream is created only for a log that was
//! not.

use crate::log::Log;
use crate::sql::{Sql, SqlError};

static READ: Sql = Sql::new("SELECT published FROM log_head WHERE id = 1");
static MARK: Sql = Sql::new("UPDATE log_head SET published = TRUE WHERE id = 1 AND NOT published");

pub(super) async fn was_published(log: &Log) -> Result<bool, SqlError> {
    let row = log.database().row(&READ, &[]).await?;
    Ok(row.map(|row| row.flag("published")).transpose()?.unwrap_or(false))
}

pub(super) async fn mark_published(log: &Log) -> Result<(), SqlError> {
    // Read first, so that a start does not write the row again.
    if !was_published(log).await? {
        log.database().execute(&MARK, &[]).await?;
    }
    Ok(())
}
