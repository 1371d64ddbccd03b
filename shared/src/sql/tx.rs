//! A transaction: reading and writing by sets of rows, as few round trips as may be.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _, Sqlite, Transaction};

use super::alone::Alone;
use super::database::bound;
use super::{Dialect, Kind, Row, Sql, SqlError, Value};

/// A set of rows for a statement.
type Rows = Vec<Vec<Value>>;

/// A transaction that may write; dropped without `commit`, it leaves nothing behind.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    rebuild: bool,
    /// What goes out with the next statement that has a set of rows.
    queued: Vec<(&'static Sql, Rows)>,
    /// What is asked with the first answer that is wanted.
    asked: Vec<(&'static Sql, Rows)>,
    answers: Vec<Vec<Row>>,
}

/// A question that was asked with others.
#[derive(Debug)]
pub struct Asked(usize);

#[derive(Debug)]
pub(super) enum Inner {
    Postgres(Transaction<'static, Postgres>),
    Alone(Alone),
    Sqlite(Transaction<'static, Sqlite>),
}

impl Tx {
    pub(super) fn new(inner: Inner) -> Self {
        Self { inner, rebuild: false, queued: Vec::new(), asked: Vec::new(), answers: Vec::new() }
    }

    /// From here on, `~` after a view table's name means the tables of a rebuild.
    pub fn in_rebuild(&mut self) {
        self.rebuild = true;
    }

    /// Makes it durable, all at once.
    pub async fn commit(mut self) -> Result<(), SqlError> {
        self.send_queued().await?;
        match self.inner {
            Inner::Postgres(tx) => tx.commit().await?,
            Inner::Alone(alone) => alone.commit().await?,
            Inner::Sqlite(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Runs one statement; answers the number of rows it touched.
    pub async fn execute(&mut self, sql: &Sql, values: &[Value]) -> Result<u64, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => bound!(text, values).execute(&mut **tx).await?.rows_affected(),
            Inner::Alone(alone) => bound!(text, values).execute(alone.begun().await?).await?.rows_affected(),
            Inner::Sqlite(tx) => bound!(text, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Notes a statement over a set of rows, to go out with the next `execute_many`, all in one round trip, or before
    /// whatever else comes next. Statements that go together must touch different rows, for none of them sees what another
    /// does.
    pub fn queue(&mut self, sql: &'static Sql, rows: Rows) {
        if !rows.is_empty() {
            self.queued.push((sql, rows));
        }
    }

    /// Runs one statement over a set of rows (see [`Sql::rows`]) and all that was queued before it; answers the number of
    /// rows that it touched itself.
    pub async fn execute_many(&mut self, sql: &'static Sql, rows: Rows) -> Result<u64, SqlError> {
        let nothing = rows.is_empty();
        self.queue(sql, rows);
        if let Inner::Alone(alone) = &mut self.inner {
            alone.begun().await?;
        }
        let touched = self.send_queued().await?;
        Ok(if nothing { 0 } else { touched })
    }

    /// Asks for the rows of a query over a set of rows (see [`Sql::rows`]), together with whatever else is asked before the
    /// first answer is wanted: all in one round trip, and as things are at one moment.
    pub fn ask(&mut self, sql: &'static Sql, rows: Rows) -> Asked {
        self.asked.push((sql, rows));
        Asked(self.answers.len() + self.asked.len() - 1)
    }

    /// The rows that were asked for.
    pub async fn answer(&mut self, Asked(index): Asked) -> Result<Vec<Row>, SqlError> {
        let asked = std::mem::take(&mut self.asked);
        match &mut self.inner {
            _ if asked.is_empty() => {}
            Inner::Postgres(tx) => self.answers.extend(ask_together(tx, asked).await?),
            Inner::Alone(alone) => self.answers.extend(ask_together(alone.connection(), asked).await?),
            Inner::Sqlite(_) => {
                for (sql, rows) in asked {
                    let answer = self.rows_for_many(sql, rows).await?;
                    self.answers.push(answer);
                }
            }
        }
        Ok(self.answers.get_mut(index).map(std::mem::take).unwrap_or_default())
    }

    /// Sends what was queued, and more will follow: from here on it takes a commit.
    async fn send_queued_before_more(&mut self) -> Result<(), SqlError> {
        if self.queued.is_empty() {
            return Ok(());
        }
        if let Inner::Alone(alone) = &mut self.inner {
            alone.begun().await?;
        }
        self.send_queued().await.map(drop)
    }

    /// Answers the number of rows that the last of the queued statements touched.
    async fn send_queued(&mut self) -> Result<u64, SqlError> {
        let statements = std::mem::take(&mut self.queued);
        let mut touched = 0;
        match &mut self.inner {
            _ if statements.is_empty() => {}
            Inner::Postgres(tx) => touched = send(tx, statements, self.rebuild).await?,
            Inner::Alone(alone) => touched = send(alone.connection(), statements, self.rebuild).await?,
            Inner::Sqlite(tx) => {
                for (sql, rows) in statements {
                    let query = sqlx::query(AssertSqlSafe(sql.form(Dialect::Sqlite, self.rebuild)));
                    touched = query.bind(as_json(rows)).execute(&mut **tx).await?.rows_affected();
                }
            }
        }
        Ok(touched)
    }

    /// Queries with a set of rows as its parameter (see [`Sql::rows`]).
    pub async fn rows_for_many(&mut self, sql: &Sql, rows: Vec<Vec<Value>>) -> Result<Vec<Row>, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => read_many(tx, text, (sql, rows)).await?,
            Inner::Alone(alone) => read_many(alone.connection(), text, (sql, rows)).await?,
            Inner::Sqlite(tx) => {
                let found = sqlx::query(AssertSqlSafe(text)).bind(as_json(rows)).fetch_all(&mut **tx).await?;
                found.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// All rows of a query.
    pub async fn rows(&mut self, sql: &Sql, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => {
                bound!(text, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect()
            }
            Inner::Alone(alone) => {
                bound!(text, values).fetch_all(alone.connection()).await?.into_iter().map(Row::Postgres).collect()
            }
            Inner::Sqlite(tx) => {
                bound!(text, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// The one row of a query, if there is one.
    pub async fn row(&mut self, sql: &Sql, values: &[Value]) -> Result<Option<Row>, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.rebuild);
        Ok(match &mut self.inner {
            Inner::Postgres(tx) => bound!(text, values).fetch_optional(&mut **tx).await?.map(Row::Postgres),
            Inner::Alone(alone) => bound!(text, values).fetch_optional(alone.connection()).await?.map(Row::Postgres),
            Inner::Sqlite(tx) => bound!(text, values).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
        })
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match &self.inner {
            Inner::Postgres(_) | Inner::Alone(_) => Dialect::Postgres,
            Inner::Sqlite(_) => Dialect::Sqlite,
        }
    }
}

async fn send(to: &mut PgConnection, statements: Vec<(&Sql, Rows)>, rebuild: bool) -> Result<u64, SqlError> {
    let text = Sql::together(statements.iter().map(|(sql, _)| *sql), rebuild);
    let query = statements.into_iter().fold(sqlx::query(AssertSqlSafe(text)), with_arrays);
    Ok(query.execute(to).await?.rows_affected())
}

async fn read_many(from: &mut PgConnection, text: Arc<str>, rows: (&Sql, Rows)) -> Result<Vec<Row>, SqlError> {
    let query = with_arrays(sqlx::query(AssertSqlSafe(text)), rows);
    Ok(query.fetch_all(from).await?.into_iter().map(Row::Postgres).collect())
}

async fn ask_together(from: &mut PgConnection, asked: Vec<(&Sql, Rows)>) -> Result<Vec<Vec<Row>>, SqlError> {
    let text = Sql::asked_together(asked.iter().map(|(sql, _)| *sql));
    let count = asked.len();
    let query = asked.into_iter().fold(sqlx::query(AssertSqlSafe(text)), with_arrays);
    let answers = query.fetch_one(from).await?;
    let answer = |index| Row::read_all(&answers.try_get::<String, usize>(index)?);
    (0..count).map(answer).collect()
}

pub(super) type PostgresQuery = sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments>;

/// PostgreSQL takes a set of rows as one array for each column.
pub(super) fn with_arrays(mut query: PostgresQuery, (sql, rows): (&Sql, Rows)) -> PostgresQuery {
    let mut columns: Vec<Vec<Value>> = sql.columns().iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    for ((_, kind), values) in sql.columns().iter().zip(columns) {
        query = match kind {
            Kind::Int => query.bind(values.iter().map(Value::as_int).collect::<Vec<_>>()),
            Kind::Text => query.bind(values.into_iter().map(Value::into_text).collect::<Vec<_>>()),
        };
    }
    query
}

/// SQLite takes a set of rows as one JSON text.
pub(super) fn as_json(rows: Vec<Vec<Value>>) -> String {
    let rows = rows.into_iter().map(|row| {
        row.into_iter().map(|value| match value {
            Value::Null | Value::NullInt => serde_json::Value::Null,
            Value::Int(number) => number.into(),
            Value::Text(text) => text.into(),
        })
    });
    serde_json::Value::Array(rows.map(|row| serde_json::Value::Array(row.collect())).collect()).to_string()
}
