//! Probes a database: whether it responds, and whether it can be written. `/readyz` reports the last probe.
//!
//! Any failed write in this process is followed by a probe as large as a batch: a disk that is almost full still
//! accepts small writes.

use std::time::Duration;

use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, timeout};

use super::{Dependency, Status, with_causes};
use crate::sql::{Database, Sql, SqlError, Value, failures};
use contract::ids::digest_bytes;

/// Longest pause between two probes; a failure shortens it.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two small writes, which detect a full disk and a read-only database, and between two large
/// ones.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Longest wait for a response; a writer waits as long for a lock.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a large write: more than a batch takes.
const BALLAST_BYTES: usize = 1024 * 1024;
/// The length of SHA-256.
const DIGEST_BYTES: usize = 32;

static READ: Sql = Sql::new("SELECT writes FROM health_check WHERE id = 1");
static WRITE: Sql = Sql::new("UPDATE health_check SET writes = writes + 1 WHERE id = 1");
static WRITE_BALLAST: Sql = Sql::new(
    "INSERT INTO health_ballast (id, content) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET content = excluded.content",
);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    Read,
    Write,
    WriteBallast,
}

/// When the database was last probed, and whether a write has failed since.
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

    /// Waits until a probe is due: soon after a failure, unless failures repeat.
    async fn wait(&mut self) {
        if let Ok(Ok(())) = timeout(PROBE_EVERY, self.failures.changed()).await {
            self.has_failed = true;
            if !is_due(self.ballast_written) {
                sleep(PROBE_EVERY).await;
            }
        }
    }

    fn next(&mut self, is_failing: bool) -> Probe {
        let now = Some(Instant::now());
        if (self.has_failed || is_failing) && is_due(self.ballast_written) {
            (self.has_failed, self.written, self.ballast_written) = (false, now, now);
            Probe::WriteBallast
        } else if is_due(self.written) {
            self.written = now;
            Probe::Write
        } else {
            Probe::Read
        }
    }
}

fn is_due(written: Option<Instant>) -> bool {
    written.is_none_or(|at| at.elapsed() >= WRITE_EVERY)
}

/// Reports the state of a database until the task is aborted. The probe has its own connection (SQLite: the one
/// writer), so a pool that is in use does not probe like a database that is down.
pub async fn watch(database: Database, dependency: Dependency) {
    let database = database.with_own_writer();
    let mut schedule = Schedule::new(failures());
    loop {
        let is_failing = matches!(dependency.status(), Status::Failing(_));
        let probe = schedule.next(is_failing);
        match try_twice(&database, probe).await {
            Err(cause) => dependency.set(Status::Failing(cause)),
            // After a full disk, only a successful large write proves anything.
            Ok(()) if is_failing && probe != Probe::WriteBallast => {}
            Ok(()) => dependency.set(Status::Ok),
        }
        schedule.wait().await;
    }
}

async fn try_twice(database: &Database, probe: Probe) -> Result<(), String> {
    let mut outcome = Ok(());
    // A broken connection shows at its next use only, so the second try is the one that counts.
    for _ in 0..2 {
        outcome = match timeout(ANSWER_TIMEOUT, run(database, probe)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => Err(with_causes(&error)),
            Err(_) => return Err(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
        };
    }
    outcome
}

async fn run(database: &Database, probe: Probe) -> Result<(), SqlError> {
    database.is_in_place()?;
    match probe {
        Probe::Read => database.row(&READ, &[]).await.map(drop),
        Probe::Write => database.execute(&WRITE, &[]).await.map(drop),
        Probe::WriteBallast => database.execute(&WRITE_BALLAST, &[ballast()]).await.map(drop),
    }
}

/// Digests, since PostgreSQL would compress other content.
fn ballast() -> Value {
    let digests = (0..BALLAST_BYTES / DIGEST_BYTES).flat_map(|number| digest_bytes(&number.to_string()));
    digests.collect::<Vec<u8>>().into()
}

/// Writes as much as a batch, without changing any data.
pub async fn try_write(database: &Database) -> Result<(), SqlError> {
    run(database, Probe::WriteBallast).await
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
        assert_eq!(try_twice(&database, Probe::Write).await, Ok(()));
        let database = Database::open(&format!("{url}?mode=ro")).await.unwrap().unwrap();
        assert_eq!(try_twice(&database, Probe::Read).await, Ok(()));
        let cause = try_twice(&database, Probe::Write).await.unwrap_err();
        assert!(cause.contains("readonly"), "{cause}");
    }
}
