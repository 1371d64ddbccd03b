//! The write-ahead log of a SQLite file. It holds erased data until it is overwritten: `secure_delete` does not cover
//! it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::time::sleep;

/// Longest wait of writers, at each attempt, for readers of the log's content.
const PATIENCE: Duration = Duration::from_millis(100);
/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(1);
/// Attempts at the end of the process, with the pause between them.
const LAST_TRIES: (usize, Duration) = (20, Duration::from_millis(50));

/// The logs of all files that this process has opened.
static OPENED: Mutex<Vec<Wal>> = Mutex::new(Vec::new());

/// The log of one file.
#[derive(Clone, Debug)]
pub struct Wal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    /// Number of requests to empty the log since it was last emptied.
    wanted: AtomicU64,
}

impl Wal {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        let wal = Self(Arc::new(Inner { options: options.busy_timeout(PATIENCE), wanted: AtomicU64::new(0) }));
        OPENED.lock().unwrap_or_else(PoisonError::into_inner).push(wal.clone());
        wal
    }

    /// Empties the log in the background, as soon as no reader needs its content.
    pub(super) fn empty_soon(&self) {
        if self.0.wanted.fetch_add(1, Ordering::AcqRel) == 0 {
            tokio::spawn(self.clone().empty_patiently());
        }
    }

    async fn empty_patiently(self) {
        loop {
            let wanted = self.0.wanted.load(Ordering::Acquire);
            // A commit in the meantime needs another round.
            if matches!(self.empty().await, Ok(true))
                && self.0.wanted.compare_exchange(wanted, 0, Ordering::AcqRel, Ordering::Acquire).is_ok()
            {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    /// Moves everything into the file and truncates the log; returns whether that succeeded.
    async fn empty(&self) -> Result<bool, sqlx::Error> {
        let mut connection = SqliteConnection::connect_with(&self.0.options).await?;
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(busy == 0)
    }
}

/// Checkpoints each database that this process has opened into its one file, unless other processes use it: at the
/// end of the process.
pub async fn leave_in_one_file() {
    let opened = std::mem::take(&mut *OPENED.lock().unwrap_or_else(PoisonError::into_inner));
    for wal in opened {
        for _ in 0..LAST_TRIES.0 {
            // Connections that this process has just closed may still be busy. Any other failure would repeat.
            if !matches!(wal.empty().await, Ok(false)) {
                break;
            }
            sleep(LAST_TRIES.1).await;
        }
    }
}
