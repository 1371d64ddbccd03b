//! Opens a database, with the settings for durability and bounded waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlitePool};
use tokio::time::sleep;

use super::error::is_unknown_database;
use super::file::{OpenedFile, make_private};
use super::migrate::is_locked;
use super::postgres::{ACQUIRE_TIMEOUT, PostgresPools};
use super::wal::Wal;
use crate::sql::database::Database;
use crate::sql::error::SqlError;
use crate::sql::migrate::Migration;

/// Longest duration of one statement, or of its wait for a lock, in a writing transaction.
pub const ONE_WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between two attempts to open a SQLite file that another process is opening.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// Most memory for pages of a SQLite file that the writing connection keeps, in KiB: with SQLite's own 2 MiB it reads the pages of
/// many indexes again and again.
const WRITER_CACHE_KIB: u32 = 64 * 1024;
/// Connections that read a SQLite file.
const SQLITE_READERS: u32 = 4;

impl Database {
    /// Opens (SQLite: creates) the database at `url` and migrates its schema.
    pub async fn connect(url: &str, migrations: &[Migration]) -> Result<Self, SqlError> {
        let database = Self::reach(url).await?;
        database.migrate(migrations).await?;
        Ok(database)
    }

    /// Opens the database at `url`, whatever its schema; `None` where there is none. Creates and changes nothing.
    pub async fn open(url: &str) -> Result<Option<Self>, SqlError> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse()?;
            return if options.get_filename().exists() { open_sqlite(url, false).await.map(Some) } else { Ok(None) };
        }
        match Self::reach(url).await {
            Err(SqlError::Unavailable(error)) if is_unknown_database(&error) => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    /// An empty SQLite database in the system's temporary folder, for tests.
    pub async fn scratch(migrations: &[Migration]) -> Result<Self, SqlError> {
        let path = std::env::temp_dir().join(format!("signpost-{}.sqlite", contract::ids::new_id()));
        Self::connect(&format!("sqlite:{}", path.display()), migrations).await
    }

    async fn reach(url: &str) -> Result<Self, SqlError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres(PostgresPools::open(url).await?))
        } else if url.starts_with("sqlite:") {
            open_sqlite(url, true).await
        } else {
            Err(SqlError::UnknownUrl)
        }
    }
}

async fn open_sqlite(url: &str, may_create: bool) -> Result<Database, SqlError> {
    let options: SqliteConnectOptions = url.parse()?;
    let options = options
        .create_if_missing(may_create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(ONE_WRITE_TIMEOUT)
        .foreign_keys(true)
        // Erased data must leave the file too, not only its index.
        .pragma("secure_delete", "on")
        .disable_statement_logging();
    if may_create && let Err(error) = make_private(options.get_filename()) {
        // If the file cannot be created, opening the database fails right below.
        tracing::warn!(%error, "users other than the owner may have access to the files of the database");
    }
    // A commit that fails on a full disk leaves the connection in a transaction for ever: it is replaced at its next
    // use.
    let usable = SqlitePoolOptions::new()
        .before_acquire(|connection, _| Box::pin(async move { Ok(!sqlx::Connection::is_in_transaction(connection)) }));
    let write = usable.clone().max_connections(1).acquire_timeout(ONE_WRITE_TIMEOUT);
    let write_options = options.clone().pragma("cache_size", format!("-{WRITER_CACHE_KIB}"));
    let write = first_connection(write, &write_options).await?;
    let file = OpenedFile::at(options.get_filename()).map(Arc::new);
    // Later connections must not create an empty file in place of one that was removed.
    let options = options.create_if_missing(false);
    write.set_connect_options(write_options.create_if_missing(false));
    let read = usable.max_connections(SQLITE_READERS).acquire_timeout(ACQUIRE_TIMEOUT);
    let read = read.connect_with(options.clone().pragma("query_only", "on")).await?;
    Ok(Database::Sqlite { read, write, file, wal: Wal::new(options) })
}

/// Switches the file to WAL, where SQLite does not wait if another process does the same.
async fn first_connection(pool: SqlitePoolOptions, options: &SqliteConnectOptions) -> Result<SqlitePool, SqlError> {
    let began = Instant::now();
    loop {
        match pool.clone().connect_with(options.clone()).await.map_err(SqlError::from) {
            Err(error) if is_locked(&error) && began.elapsed() < ONE_WRITE_TIMEOUT => sleep(BUSY_PAUSE).await,
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_is_missing_is_not_created() {
        let path = std::env::temp_dir().join(format!("signpost-{}", contract::ids::new_id())).join("agents.sqlite");
        assert!(Database::open(&format!("sqlite:{}", path.display())).await.unwrap().is_none());
        assert!(!path.exists());
    }
}
