//! Looks after a database: whether it answers, and whether it can be written. Probes are answered from what was seen last.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{Dependency, Status, with_causes};
use crate::sql::{Database, Sql, SqlError};

/// Pause between two looks at a database.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two writes, which show a full disk and a database that is read-only.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Longest wait for an answer; a writer waits as long for a lock.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

static READ: Sql = Sql::new("SELECT writes FROM health_check WHERE id = 1");
static WRITE: Sql = Sql::new("UPDATE health_check SET writes = writes + 1 WHERE id = 1");

/// Reports the state of a database until the task is aborted. The connection is the watch's own (SQLite: the one writer), so
/// a pool that is in use is not taken for a database that is away.
pub async fn watch(database: Database, dependency: Dependency) {
    let database = database.with_own_writer();
    let mut written: Option<Instant> = None;
    loop {
        let write = written.is_none_or(|written| written.elapsed() >= WRITE_EVERY);
        if write {
            written = Some(Instant::now());
        }
        match (look(&database, write).await, dependency.status()) {
            (Err(cause), _) => dependency.set(Status::Failing(cause)),
            // A read that succeeds says nothing of a disk that was full.
            (Ok(()), Status::Failing(_)) if !write => {}
            (Ok(()), _) => dependency.set(Status::Ok),
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(database: &Database, write: bool) -> Result<(), String> {
    let statement = if write { &WRITE } else { &READ };
    let mut outcome = Ok(());
    // A connection that broke shows at its next use only, so the second try is the one that counts.
    for _ in 0..2 {
        outcome = match timeout(ANSWER_TIMEOUT, ask(database, statement, write)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => Err(with_causes(&error)),
            Err(_) => return Err(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
        };
    }
    outcome
}

async fn ask(database: &Database, statement: &'static Sql, write: bool) -> Result<(), SqlError> {
    database.is_in_place()?;
    if write { database.execute(statement, &[]).await.map(drop) } else { database.row(statement, &[]).await.map(drop) }
}

/// Writes something that changes nothing.
pub async fn try_write(database: &Database) -> Result<(), SqlError> {
    ask(database, &WRITE, true).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::new_id;
    use crate::log::MIGRATIONS;

    #[tokio::test]
    async fn a_database_that_is_read_only_is_read_but_not_written() {
        let path = std::env::temp_dir().join(format!("signpost-{}.sqlite", new_id()));
        let url = format!("sqlite:{}", path.display());
        let database = Database::connect(&url, MIGRATIONS).await.unwrap();
        assert_eq!(look(&database, true).await, Ok(()));
        let database = Database::open(&format!("{url}?mode=ro")).await.unwrap().unwrap();
        assert_eq!(look(&database, false).await, Ok(()));
        let cause = look(&database, true).await.unwrap_err();
        assert!(cause.contains("readonly"), "{cause}");
    }
}
