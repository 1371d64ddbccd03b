//! Whether a log was ever published. What a database remembers of it decides whether a missing stream may be made.

use crate::log::Log;
use crate::sql::{Sql, SqlError};

static READ: Sql = Sql::new("SELECT published FROM log_head WHERE id = 1");
static MARK: Sql = Sql::new("UPDATE log_head SET published = TRUE WHERE id = 1 AND NOT published");

pub(super) async fn was_published(log: &Log) -> Result<bool, SqlError> {
    let row = log.database().row(&READ, &[]).await?;
    Ok(row.map(|row| row.flag("published")).transpose()?.unwrap_or(false))
}

pub(super) async fn mark_published(log: &Log) -> Result<(), SqlError> {
    // Asked first, so that the writer's row is not touched at each start.
    if !was_published(log).await? {
        log.database().execute(&MARK, &[]).await?;
    }
    Ok(())
}
