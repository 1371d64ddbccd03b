//! The write-ahead log of a SQLite file. What was erased from the file stands there until it is written over: `secure_delete` does
//! not reach it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::time::sleep;

/// Longest that writers wait, at each try, for those who read what the log still holds.
const PATIENCE: Duration = Duration::from_millis(100);
/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);
/// Tries at the end of the process, with the pause between them.
const LAST_TRIES: (usize, Duration) = (20, Duration::from_millis(50));

/// Those of all files that this process has opened.
static OPENED: Mutex<Vec<Wal>> = Mutex::new(Vec::new());

/// The log of one file.
#[derive(Clone, Debug)]
pub struct Wal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    /// How often it was to be emptied since it last was.
    wanted: AtomicU64,
}

impl Wal {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        let wal = Self(Arc::new(Inner { options: options.busy_timeout(PATIENCE), wanted: AtomicU64::new(0) }));
        OPENED.lock().unwrap_or_else(PoisonError::into_inner).push(wal.clone());
        wal
    }

    /// Empties it in the background, as soon as nobody reads what it holds.
    pub(super) fn empty_soon(&self) {
        if self.0.wanted.fetch_add(1, Ordering::AcqRel) == 0 {
            tokio::spawn(self.clone().empty_patiently());
        }
    }

    async fn empty_patiently(self) {
        loop {
            let wanted = self.0.wanted.load(Ordering::Acquire);
            // A transaction that was committed meanwhile is wanted too.
            if matches!(self.empty().await, Ok(true))
                && self.0.wanted.compare_exchange(wanted, 0, Ordering::AcqRel, Ordering::Acquire).is_ok()
            {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    /// Moves everything into the file and leaves the log with no byte; whether that could be done.
    async fn empty(&self) -> Result<bool, sqlx::Error> {
        let mut connection = SqliteConnection::connect_with(&self.0.options).await?;
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(busy == 0)
    }
}

/// Leaves each database that this process has opened in its one file, where nobody else uses it: at the end of the process.
pub async fn leave_in_one_file() {
    let opened = std::mem::take(&mut *OPENED.lock().unwrap_or_else(PoisonError::into_inner));
    for wal in opened {
        for _ in 0..LAST_TRIES.0 {
            // Busy is who reads or writes, as connections do that this process has just left. Whatever else fails, fails again.
            if !matches!(wal.empty().await, Ok(false)) {
                break;
            }
            sleep(LAST_TRIES.1).await;
        }
    }
}
