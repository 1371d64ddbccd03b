//! Reading, and beginning to write: the same few verbs on both databases.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnectOptions;

use super::alone::Alone;
use super::tx::{Inner, as_json, with_arrays};
use super::{Dialect, Row, Sql, SqlError, Tx, Value};

/// A database: connections that read and connections that write.
#[derive(Clone, Debug)]
pub enum Database {
    /// PostgreSQL.
    Postgres {
        /// Connections for single queries.
        read: sqlx::PgPool,
        /// Connections for transactions.
        write: sqlx::PgPool,
    },
    /// A SQLite file.
    Sqlite {
        /// Connections that only read.
        read: sqlx::SqlitePool,
        /// The one connection that writes.
        write: sqlx::SqlitePool,
    },
}

/// Binds parameters in order.
macro_rules! bound {
    ($text:expr, $values:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($text));
        for value in $values {
            query = match value {
                Value::Null => query.bind(None::<String>),
                Value::NullInt => query.bind(None::<i64>),
                Value::Int(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.clone()),
            };
        }
        query
    }};
}
pub(super) use bound;

impl Database {
    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres { .. } => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
        }
    }

    /// The same database with one connection to write for the caller alone, opened where it is first used.
    #[must_use]
    pub fn with_own_writer(&self) -> Self {
        match self {
            Self::Postgres { read, write } => {
                let one = write.options().clone().max_connections(1);
                let write = one.connect_lazy_with(PgConnectOptions::clone(&write.connect_options()));
                Self::Postgres { read: read.clone(), write }
            }
            // There is but one anyway.
            Self::Sqlite { .. } => self.clone(),
        }
    }

    /// Begins a transaction that may write. On SQLite it holds the one writer from its first moment.
    pub async fn begin(&self) -> Result<Tx, SqlError> {
        let inner = match self {
            Self::Postgres { write, .. } => Inner::Postgres(write.begin().await?),
            Self::Sqlite { write, .. } => Inner::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
        };
        Ok(Tx::new(inner))
    }

    /// Begins a transaction and takes the locks of a query without parameters, in one round trip. What is read after this
    /// was committed by whoever held the locks before.
    pub async fn begin_holding(&self, locks: &Sql) -> Result<Tx, SqlError> {
        let Self::Postgres { write, .. } = self else { return self.begin().await };
        let begin = format!("BEGIN; {}", locks.form(Dialect::Postgres, false));
        Ok(Tx::new(Inner::Postgres(write.begin_with(AssertSqlSafe(begin)).await?)))
    }

    /// Begins to write without a lock: what is read is what was committed when it is read, and what is queued leaves as one
    /// statement. For a writer that makes sure by itself that nobody came between. On SQLite nobody can.
    pub async fn begin_alone(&self) -> Result<Tx, SqlError> {
        let Self::Postgres { write, .. } = self else { return self.begin().await };
        Ok(Tx::new(Inner::Alone(Alone::new(write.acquire().await?))))
    }

    /// Begins to read whole tables, as they are at one moment: as long as it takes, in nobody's way.
    pub async fn begin_reading(&self) -> Result<Tx, SqlError> {
        let inner = match self {
            Self::Postgres { read, .. } => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0";
                Inner::Postgres(read.begin_with(begin).await?)
            }
            Self::Sqlite { read, .. } => Inner::Sqlite(read.begin().await?),
        };
        Ok(Tx::new(inner))
    }

    /// Begins to write whole tables: as long as it takes, planned by what the tables hold.
    pub async fn begin_rewriting(&self) -> Result<Tx, SqlError> {
        let Self::Postgres { write, .. } = self else { return self.begin().await };
        let begin =
            "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on";
        Ok(Tx::new(Inner::Postgres(write.begin_with(begin).await?)))
    }

    /// All rows of a query, outside any transaction.
    pub async fn rows(&self, sql: &Sql, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        let text = sql.form(self.dialect(), false);
        Ok(match self {
            Self::Postgres { read, .. } => {
                bound!(text, values).fetch_all(read).await?.into_iter().map(Row::Postgres).collect()
            }
            Self::Sqlite { read, .. } => {
                bound!(text, values).fetch_all(read).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// Queries with a set of rows as its parameter (see [`Sql::rows`]), outside any transaction.
    pub async fn rows_for_many(&self, sql: &Sql, rows: Vec<Vec<Value>>) -> Result<Vec<Row>, SqlError> {
        let text = AssertSqlSafe(sql.form(self.dialect(), false));
        Ok(match self {
            Self::Postgres { read, .. } => {
                let query = with_arrays(sqlx::query(text), (sql, rows));
                query.fetch_all(read).await?.into_iter().map(Row::Postgres).collect()
            }
            Self::Sqlite { read, .. } => {
                let query = sqlx::query(text).bind(as_json(rows));
                query.fetch_all(read).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// The one row of a query, if there is one.
    pub async fn row(&self, sql: &Sql, values: &[Value]) -> Result<Option<Row>, SqlError> {
        let text = sql.form(self.dialect(), false);
        Ok(match self {
            Self::Postgres { read, .. } => bound!(text, values).fetch_optional(read).await?.map(Row::Postgres),
            Self::Sqlite { read, .. } => bound!(text, values).fetch_optional(read).await?.map(Row::Sqlite),
        })
    }

    /// One statement in a transaction of its own; answers the number of rows it touched.
    pub async fn execute(&self, sql: &Sql, values: &[Value]) -> Result<u64, SqlError> {
        let mut tx = self.begin().await?;
        let touched = tx.execute(sql, values).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Closes all connections once they are idle.
    pub async fn close(&self) {
        match self {
            Self::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}
