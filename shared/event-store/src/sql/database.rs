//! Reads and transactions, with the same methods for both databases.

use std::sync::Arc;

use super::bind::{self, Rows};
use super::file::OpenedFile;
use super::postgres::PostgresPools;
use super::tx::Inner;
use super::wal::Wal;
use crate::sql::error::SqlError;
use crate::sql::row::Row;
use crate::sql::statement::{Dialect, Sql};
use crate::sql::tx::Tx;
use crate::sql::value::Value;

// Reads the session's default: readers set a transaction's own mode.
static TAKES_WRITES: Sql =
    Sql::new("SELECT NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off' AS writable");

/// A database: connections that read and connections that write.
#[derive(Clone, Debug)]
pub enum Database {
    /// PostgreSQL.
    Postgres(PostgresPools),
    /// A SQLite file.
    Sqlite {
        /// Connections that only read.
        read: sqlx::SqlitePool,
        /// The one connection that writes.
        write: sqlx::SqlitePool,
        /// The file; `None` for a database in memory.
        file: Option<Arc<OpenedFile>>,
        /// Its write-ahead log.
        wal: Wal,
    },
}

impl Database {
    /// The kind of database.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
        }
    }

    /// Whether other processes may use the database too: a SQLite file serves one process.
    pub fn is_shared(&self) -> bool {
        self.dialect() == Dialect::Postgres
    }

    /// The same database with a write connection for the caller alone, opened on first use.
    #[must_use]
    pub fn with_own_writer(&self) -> Self {
        match self {
            Self::Postgres(pools) => Self::Postgres(pools.with_own_writer()),
            // SQLite has only one.
            Self::Sqlite { .. } => self.clone(),
        }
    }

    /// The same connections for operations without a time limit.
    pub(super) fn patient(&self) -> Self {
        match self {
            Self::Postgres(pools) => Self::Postgres(pools.patient()),
            Self::Sqlite { .. } => self.clone(),
        }
    }

    /// Begins a transaction that may write. On SQLite it holds the one writer from the start.
    pub async fn begin(&self) -> Result<Tx, SqlError> {
        self.begin_write("").await
    }

    /// Begins a transaction and takes the locks of a query without parameters, in one round trip. Later reads see
    /// everything that earlier holders of the locks committed.
    pub async fn begin_locked(&self, locks: &Sql) -> Result<Tx, SqlError> {
        self.begin_write(&locks.form(Dialect::Postgres, false)).await
    }

    /// Begins writing without a lock: each read sees the last commits, and queued statements are sent as one
    /// statement. For a writer that checks its facts with conditions (see [`Tx::unless`]). On SQLite it is an
    /// ordinary transaction.
    pub async fn autocommit(&self) -> Result<Tx, SqlError> {
        match self {
            Self::Postgres(pools) => Ok(Tx::new(Inner::Postgres(pools.autocommit().await?))),
            Self::Sqlite { .. } => self.begin().await,
        }
    }

    /// Begins to read whole tables at one moment, without a time limit and without blocking others.
    pub async fn begin_snapshot(&self) -> Result<Tx, SqlError> {
        Ok(Tx::new(match self {
            Self::Postgres(pools) => {
                let mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let patient = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
                Inner::Postgres(pools.patient().begin_read(mode, patient).await?)
            }
            Self::Sqlite { read, .. } => Inner::Sqlite(read.begin().await?),
        }))
    }

    /// Begins to write whole tables, without a time limit, with plans that use the tables' statistics.
    pub async fn begin_bulk(&self) -> Result<Tx, SqlError> {
        self.patient()
            .begin_write(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
             SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on",
            )
            .await
    }

    /// Begins a transaction whose commit does not wait for the disk, on PostgreSQL: a server that fails may lose it, unless an
    /// ordinary commit followed. For rows that are made again in that case.
    pub async fn begin_unhurried(&self) -> Result<Tx, SqlError> {
        self.begin_write("SET LOCAL synchronous_commit = off").await
    }

    pub(super) async fn begin_write(&self, then: &str) -> Result<Tx, SqlError> {
        Ok(match self {
            Self::Postgres(pools) => Tx::new(Inner::Postgres(pools.begin_write(then).await?)),
            Self::Sqlite { write, wal, .. } => {
                let tx = write.begin_with("BEGIN IMMEDIATE").await?;
                // Checked last, since the wait for the one writer may be long.
                self.is_in_place()?;
                Tx::on_sqlite(tx, wal.clone())
            }
        })
    }

    /// Whether anything can be written: not on a standby, nor in a read-only database.
    pub async fn takes_writes(&self) -> Result<bool, SqlError> {
        match self {
            Self::Postgres(_) => match self.row(&TAKES_WRITES, &[]).await? {
                Some(row) => row.flag("writable"),
                None => Ok(false),
            },
            Self::Sqlite { .. } => Ok(true),
        }
    }

    /// Fails if the file of a SQLite database was removed or replaced since it was opened.
    pub fn is_in_place(&self) -> Result<(), SqlError> {
        match self {
            Self::Sqlite { file: Some(file), .. } => file.is_in_place(),
            _ => Ok(()),
        }
    }

    /// All rows of a query, outside any transaction.
    pub async fn rows(&self, sql: &Sql, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.rows_of(sql.form(self.dialect(), false), sql, None, values).await
    }

    /// The rows of a query with a set of rows as its parameter (see [`Sql::rows`]), outside any transaction.
    pub async fn rows_for_many(&self, sql: &Sql, rows: Rows) -> Result<Vec<Row>, SqlError> {
        self.rows_of(sql.form(self.dialect(), false), sql, Some(rows), &[]).await
    }

    /// The rows of a query for these values of the first column of a set of rows (see [`Sql::rows`]), which is `$1`,
    /// with other parameters from `$2` on.
    pub async fn rows_among(&self, sql: &Sql, among: Vec<Value>, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.rows_of(sql.form(self.dialect(), false), sql, Some(set_of(among)), values).await
    }

    /// How many rows a query has, for these values of the first column of its set of rows where it has one.
    pub async fn count(&self, sql: &Sql, among: Option<Vec<Value>>, values: &[Value]) -> Result<u64, SqlError> {
        let text = format!("SELECT COUNT(*) AS n FROM ({}) counted", sql.form(self.dialect(), false)).into();
        let row = self.rows_of(text, sql, among.map(set_of), values).await?;
        row.first().map_or(Ok(0), |row| row.count("n"))
    }

    /// The query plan, line by line; PostgreSQL runs the query and reports what it read.
    pub async fn plan(&self, sql: &Sql, among: Option<Vec<Value>>, values: &[Value]) -> Result<Vec<String>, SqlError> {
        let (explain, column) = match self.dialect() {
            Dialect::Postgres => ("EXPLAIN ANALYZE", "QUERY PLAN"),
            Dialect::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        };
        let text = format!("{explain} {}", sql.form(self.dialect(), false)).into();
        self.rows_of(text, sql, among.map(set_of), values).await?.iter().map(|row| row.text(column)).collect()
    }

    async fn rows_of(
        &self,
        text: Arc<str>,
        sql: &Sql,
        set: Option<Rows>,
        values: &[Value],
    ) -> Result<Vec<Row>, SqlError> {
        Ok(match self {
            Self::Postgres(pools) => {
                let mut connection = pools.reader().await?;
                let mut query = bind::postgres(text, &[]);
                if let Some(set) = set {
                    query = bind::with_arrays(query, (sql, set));
                }
                let rows = connection.fetch(bind::and_postgres(query, values)).await?;
                connection.commit().await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
            Self::Sqlite { read, .. } => {
                let query = match set {
                    Some(set) => bind::sqlite_rows(text, set),
                    None => bind::sqlite(text, &[]),
                };
                bind::and_sqlite(query, values).fetch_all(read).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// The one row of a query, if there is one.
    pub async fn row(&self, sql: &Sql, values: &[Value]) -> Result<Option<Row>, SqlError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs one statement in a transaction of its own; returns the number of affected rows.
    pub async fn execute(&self, sql: &Sql, values: &[Value]) -> Result<u64, SqlError> {
        let mut tx = self.begin().await?;
        let touched = tx.execute(sql, values).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Closes all connections once they are idle.
    pub async fn close(&self) {
        match self {
            Self::Postgres(pools) => pools.close().await,
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

/// A set of rows of one column.
fn set_of(values: Vec<Value>) -> Rows {
    values.into_iter().map(|value| vec![value]).collect()
}
