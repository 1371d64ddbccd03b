//! Looks after a database: whether it answers, and whether it can be written. Probes are answered from what was seen last.
//!
//! A write that failed, whoever's it was, is followed by one as large as a batch: a disk that is almost full takes small writes, and
//! nothing else.

use std::time::Duration;

use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, timeout};

use super::{Dependency, Status, with_causes};
use crate::sql::{Database, Sql, SqlError, Value, failures};
use contract::ids::digest_bytes;

/// Longest pause between two looks at a database; something that failed is looked at sooner.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two small writes, which show a full disk and a database that is read-only, and between two large ones.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Longest wait for an answer; a writer waits as long for a lock.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a large write: more than a batch takes.
const BALLAST_BYTES: usize = 1024 * 1024;
/// Of SHA-256.
const DIGEST_BYTES: usize = 32;

static READ: Sql = Sql::new("SELECT writes FROM health_check WHERE id = 1");
static WRITE: Sql = Sql::new("UPDATE health_check SET writes = writes + 1 WHERE id = 1");
static WRITE_BALLAST: Sql = Sql::new(
    "INSERT INTO health_ballast (id, content) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET content = excluded.content",
);

/// How a database is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Read,
    Write,
    WriteBallast,
}

/// When a database was last tried, and whether something has failed since.
struct Schedule {
    failures: Receiver<u64>,
    has_failed: bool,
    written: Option<Instant>,
    ballast_written: Option<Instant>,
}

impl Schedule {
    fn new(failures: Receiver<u64>) -> Self {
        Self { failures, has_failed: false, written: None, ballast_written: None }
    }

    /// Waits until a look is due. What fails is looked at soon, but for what comes again and again.
    async fn wait(&mut self) {
        if let Ok(Ok(())) = timeout(LOOK_EVERY, self.failures.changed()).await {
            self.has_failed = true;
            if !is_due(self.ballast_written) {
                sleep(LOOK_EVERY).await;
            }
        }
    }

    fn next(&mut self, is_failing: bool) -> Look {
        let now = Some(Instant::now());
        if (self.has_failed || is_failing) && is_due(self.ballast_written) {
            (self.has_failed, self.written, self.ballast_written) = (false, now, now);
            Look::WriteBallast
        } else if is_due(self.written) {
            self.written = now;
            Look::Write
        } else {
            Look::Read
        }
    }
}

fn is_due(written: Option<Instant>) -> bool {
    written.is_none_or(|at| at.elapsed() >= WRITE_EVERY)
}

/// Reports the state of a database until the task is aborted. The connection is the watch's own (SQLite: the one writer), so
/// a pool that is in use is not taken for a database that is away.
pub async fn watch(database: Database, dependency: Dependency) {
    let database = database.with_own_writer();
    let mut schedule = Schedule::new(failures());
    loop {
        let is_failing = matches!(dependency.status(), Status::Failing(_));
        let look = schedule.next(is_failing);
        match try_patiently(&database, look).await {
            Err(cause) => dependency.set(Status::Failing(cause)),
            // Less than a large write that succeeds says nothing of a disk that was full.
            Ok(()) if is_failing && look != Look::WriteBallast => {}
            Ok(()) => dependency.set(Status::Ok),
        }
        schedule.wait().await;
    }
}

async fn try_patiently(database: &Database, look: Look) -> Result<(), String> {
    let mut outcome = Ok(());
    // A connection that broke shows at its next use only, so the second try is the one that counts.
    for _ in 0..2 {
        outcome = match timeout(ANSWER_TIMEOUT, ask(database, look)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => Err(with_causes(&error)),
            Err(_) => return Err(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
        };
    }
    outcome
}

async fn ask(database: &Database, look: Look) -> Result<(), SqlError> {
    database.is_in_place()?;
    match look {
        Look::Read => database.row(&READ, &[]).await.map(drop),
        Look::Write => database.execute(&WRITE, &[]).await.map(drop),
        Look::WriteBallast => database.execute(&WRITE_BALLAST, &[ballast()]).await.map(drop),
    }
}

/// Digests, for PostgreSQL would store in less room what can be compressed.
fn ballast() -> Value {
    let digests = (0..BALLAST_BYTES / DIGEST_BYTES).flat_map(|number| digest_bytes(&number.to_string()));
    digests.collect::<Vec<u8>>().into()
}

/// Writes as much as a batch, which changes nothing.
pub async fn try_write(database: &Database) -> Result<(), SqlError> {
    ask(database, Look::WriteBallast).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::MIGRATIONS;
    use contract::ids::new_id;

    #[tokio::test]
    async fn a_database_that_is_read_only_is_read_but_not_written() {
        let path = std::env::temp_dir().join(format!("signpost-{}.sqlite", new_id()));
        let url = format!("sqlite:{}", path.display());
        let database = Database::connect(&url, MIGRATIONS).await.unwrap();
        assert_eq!(try_patiently(&database, Look::Write).await, Ok(()));
        let database = Database::open(&format!("{url}?mode=ro")).await.unwrap().unwrap();
        assert_eq!(try_patiently(&database, Look::Read).await, Ok(()));
        let cause = try_patiently(&database, Look::Write).await.unwrap_err();
        assert!(cause.contains("readonly"), "{cause}");
    }
}
