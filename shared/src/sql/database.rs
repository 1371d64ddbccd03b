//! Reading and writing: the same few verbs on both databases.

use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};

use super::{Dialect, Kind, Row, Sql, SqlError, Value};

/// A database: one pool of PostgreSQL connections, or SQLite's one writer and its readers.
#[derive(Clone, Debug)]
pub enum Database {
    /// PostgreSQL.
    Postgres(sqlx::PgPool),
    /// A SQLite file.
    Sqlite {
        /// Connections that only read.
        read: sqlx::SqlitePool,
        /// The one connection that writes.
        write: sqlx::SqlitePool,
    },
}

/// A transaction that may write; dropped without `commit`, it leaves nothing behind.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    rebuild: bool,
}

#[derive(Debug)]
enum Inner {
    Postgres(Transaction<'static, Postgres>),
    Sqlite(Transaction<'static, Sqlite>),
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

impl Database {
    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
        }
    }

    /// Begins a transaction that may write. On SQLite it holds the one writer from its first moment.
    pub async fn begin(&self) -> Result<Tx, SqlError> {
        let inner = match self {
            Self::Postgres(pool) => Inner::Postgres(pool.begin().await?),
            Self::Sqlite { write, .. } => Inner::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
        };
        Ok(Tx { inner, rebuild: false })
    }

    /// All rows of a query, outside any transaction.
    pub async fn rows(&self, sql: &Sql, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        let text = sql.form(self.dialect(), false);
        Ok(match self {
            Self::Postgres(pool) => {
                bound!(text, values).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect()
            }
            Self::Sqlite { read, .. } => {
                bound!(text, values).fetch_all(read).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// The one row of a query, if there is one.
    pub async fn row(&self, sql: &Sql, values: &[Value]) -> Result<Option<Row>, SqlError> {
        let text = sql.form(self.dialect(), false);
        Ok(match self {
            Self::Postgres(pool) => bound!(text, values).fetch_optional(pool).await?.map(Row::Postgres),
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
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

impl Tx {
    /// From here on, `~` after a view table's name means the tables of a rebuild.
    pub fn in_rebuild(&mut self) {
        self.rebuild = true;
    }

    /// Makes it durable, all at once.
    pub async fn commit(self) -> Result<(), SqlError> {
        match self.inner {
            Inner::Postgres(tx) => tx.commit().await?,
            Inner::Sqlite(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Runs one statement; answers the number of rows it touched.
    pub async fn execute(&mut self, sql: &Sql, values: &[Value]) -> Result<u64, SqlError> {
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => bound!(text, values).execute(&mut **tx).await?.rows_affected(),
            Inner::Sqlite(tx) => bound!(text, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs one statement over a set of rows (see [`Sql::rows`]); answers the number of rows it touched.
    pub async fn execute_many(&mut self, sql: &Sql, rows: Vec<Vec<Value>>) -> Result<u64, SqlError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => with_arrays(text, sql, rows).execute(&mut **tx).await?.rows_affected(),
            Inner::Sqlite(tx) => {
                sqlx::query(AssertSqlSafe(text)).bind(as_json(rows)).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Queries with a set of rows as its parameter (see [`Sql::rows`]).
    pub async fn rows_for_many(&mut self, sql: &Sql, rows: Vec<Vec<Value>>) -> Result<Vec<Row>, SqlError> {
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => {
                with_arrays(text, sql, rows).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect()
            }
            Inner::Sqlite(tx) => {
                let found = sqlx::query(AssertSqlSafe(text)).bind(as_json(rows)).fetch_all(&mut **tx).await?;
                found.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// All rows of a query.
    pub async fn rows(&mut self, sql: &Sql, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => {
                bound!(text, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect()
            }
            Inner::Sqlite(tx) => {
                bound!(text, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// The one row of a query, if there is one.
    pub async fn row(&mut self, sql: &Sql, values: &[Value]) -> Result<Option<Row>, SqlError> {
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => bound!(text, values).fetch_optional(&mut **tx).await?.map(Row::Postgres),
            Inner::Sqlite(tx) => bound!(text, values).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
        })
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match &self.inner {
            Inner::Postgres(_) => Dialect::Postgres,
            Inner::Sqlite(_) => Dialect::Sqlite,
        }
    }
}

/// PostgreSQL takes a set of rows as one array for each column.
fn with_arrays(
    text: std::sync::Arc<str>,
    sql: &Sql,
    rows: Vec<Vec<Value>>,
) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
    let mut columns: Vec<Vec<Value>> = sql.columns().iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let mut query = sqlx::query(AssertSqlSafe(text));
    for ((_, kind), values) in sql.columns().iter().zip(columns) {
        query = match kind {
            Kind::Int => query.bind(values.iter().map(Value::as_int).collect::<Vec<_>>()),
            Kind::Text => query.bind(values.into_iter().map(Value::into_text).collect::<Vec<_>>()),
        };
    }
    query
}

/// SQLite takes a set of rows as one JSON text.
fn as_json(rows: Vec<Vec<Value>>) -> String {
    let rows = rows.into_iter().map(|row| {
        row.into_iter().map(|value| match value {
            Value::Null | Value::NullInt => serde_json::Value::Null,
            Value::Int(number) => number.into(),
            Value::Text(text) => text.into(),
        })
    });
    serde_json::Value::Array(rows.map(|row| serde_json::Value::Array(row.collect())).collect()).to_string()
}
