//! How a database is opened: its pools, the settings that durability and bounded waiting ask for, its schema.

use std::time::Duration;

use sqlx::migrate::{MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlSafeStr};

use super::{Database, Dialect, SqlError};

/// Longest that one statement may run, or wait for a lock, while something is written.
pub const ONE_WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Connections to PostgreSQL for each process: those that only read, and those that write.
const POSTGRES_READERS: u32 = 8;
const POSTGRES_WRITERS: u32 = 4;
/// A transaction that writes finds its rows by their keys, always. Statistics lag behind tables that grow by thousands of
/// rows a second, and a plan that was made while a table was empty would read all of it.
const BY_KEYS: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];
/// Connections that read a SQLite file.
const SQLITE_READERS: u32 = 4;

/// One step of a schema, in both dialects.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order, from 1.
    pub version: i64,
    /// What it does.
    pub name: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
}

impl Database {
    /// Opens (SQLite: creates) the database at `url` and brings its schema up to date.
    pub async fn connect(url: &str, migrations: &[Migration]) -> Result<Self, SqlError> {
        let database = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url).await?
        } else if url.starts_with("sqlite:") {
            open_sqlite(url, true).await?
        } else {
            return Err(SqlError::UnknownUrl);
        };
        database.migrate(migrations).await?;
        Ok(database)
    }

    /// An empty SQLite database in the system's temporary folder: for tests.
    pub async fn scratch(migrations: &[Migration]) -> Result<Self, SqlError> {
        let path = std::env::temp_dir().join(format!("signpost-{}.sqlite", crate::ids::new_id()));
        Self::connect(&format!("sqlite:{}", path.display()), migrations).await
    }

    async fn migrate(&self, migrations: &[Migration]) -> Result<(), SqlError> {
        let dialect = self.dialect();
        let steps = migrations.iter().map(|step| {
            let text = if dialect == Dialect::Postgres { step.postgres } else { step.sqlite };
            let kind = MigrationType::Simple;
            sqlx::migrate::Migration::new(step.version, step.name.into(), kind, text.into_sql_str(), false)
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        // An older replica may start while a newer one has already moved the schema on.
        migrator.set_ignore_missing(true);
        match self {
            Self::Postgres { write, .. } => {
                let mut connection = write.acquire().await?;
                // Replicas that start at once wait for each other here, and a large table takes its time.
                sqlx::query("SET lock_timeout = 0").execute(&mut *connection).await?;
                sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
                let outcome = migrator.run(&mut *connection).await;
                // The patience ends with this connection.
                connection.close().await?;
                outcome
            }
            Self::Sqlite { write, .. } => migrator.run(write).await,
        }
        .map_err(SqlError::Migration)
    }
}

pub(super) async fn open_postgres(url: &str) -> Result<Database, SqlError> {
    let timeout_ms = ONE_WRITE_TIMEOUT.as_millis().to_string();
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name("signpost").disable_statement_logging().options([
        ("statement_timeout", "60000"),
        ("lock_timeout", timeout_ms.as_str()),
        // A process that was stopped in the middle of an append must not hold up the others.
        ("idle_in_transaction_session_timeout", timeout_ms.as_str()),
        // Compiling a plan takes longer than any statement here.
        ("jit", "off"),
    ]);
    // A broken connection shows at its next use, and every use here may be tried again.
    let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
    let write = pool.clone().max_connections(POSTGRES_WRITERS).connect_with(options.clone().options(BY_KEYS)).await?;
    let read = pool.max_connections(POSTGRES_READERS).connect_with(options).await?;
    Ok(Database::Postgres { read, write })
}

pub(super) async fn open_sqlite(url: &str, create: bool) -> Result<Database, SqlError> {
    let options: SqliteConnectOptions = url.parse()?;
    let options = options
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(ONE_WRITE_TIMEOUT)
        .foreign_keys(true)
        // What is erased is gone from the file too, not only from its index.
        .pragma("secure_delete", "on")
        .disable_statement_logging();
    if create && let Some(folder) = options.get_filename().parent() {
        // A folder that cannot be made shows as a database that cannot be opened, right below.
        let _ = std::fs::create_dir_all(folder);
    }
    // A commit that failed for a full disk leaves the connection in a transaction for ever: it is replaced at its next use.
    let usable = SqlitePoolOptions::new()
        .before_acquire(|connection, _| Box::pin(async move { Ok(!sqlx::Connection::is_in_transaction(connection)) }));
    let write = usable.clone().max_connections(1).acquire_timeout(ONE_WRITE_TIMEOUT);
    let write = write.connect_with(options.clone()).await?;
    let read = usable.max_connections(SQLITE_READERS).acquire_timeout(ACQUIRE_TIMEOUT);
    let read = read.connect_with(options.pragma("query_only", "on")).await?;
    Ok(Database::Sqlite { read, write })
}
