//! A transaction that reads and writes sets of rows, in as few round trips as possible.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Row as _, Sqlite, Transaction};

use super::bind::{self, Rows};
use super::connection::Connection;
use super::wal::Wal;
use crate::sql::error::SqlError;
use crate::sql::row::Row;
use crate::sql::statement::{Dialect, Sql};
use crate::sql::value::Value;

/// A transaction that may write; dropped without `commit`, it is rolled back.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    /// The write-ahead log of a SQLite file.
    wal: Option<Wal>,
    erases: bool,
    in_shadow: bool,
    sums_later: bool,
    /// Queries that must find no row, or no queued statement is written.
    conditions: Vec<(&'static Sql, Rows)>,
    /// Statements that are sent with the next one over a set of rows.
    queued: Vec<(&'static Sql, Rows)>,
    /// Queries that are sent when the first result is needed.
    queries: Vec<(&'static Sql, Rows)>,
    answers: Vec<Vec<Row>>,
}

/// A query that is sent together with others.
#[derive(Debug)]
pub struct QueuedQuery(usize);

#[derive(Debug)]
pub(super) enum Inner {
    Postgres(Connection),
    Sqlite(Transaction<'static, Sqlite>),
}

impl Tx {
    pub(super) fn new(inner: Inner) -> Self {
        let (conditions, queued, queries) = (Vec::new(), Vec::new(), Vec::new());
        let (wal, erases, in_shadow, sums_later) = (None, false, false, false);
        Self { inner, wal, erases, in_shadow, sums_later, conditions, queued, queries, answers: Vec::new() }
    }

    pub(super) fn on_sqlite(tx: Transaction<'static, Sqlite>, wal: Wal) -> Self {
        Self { wal: Some(wal), ..Self::new(Inner::Sqlite(tx)) }
    }

    /// Marks the transaction as one that removes personal data: after the commit, no file may hold it longer than
    /// needed.
    pub fn erases(&mut self) {
        self.erases = true;
    }

    /// From here on, `{shadow}` after a table's name means the shadow table of a rebuild.
    pub fn in_shadow(&mut self) {
        self.in_shadow = true;
    }

    /// Tables that a [`Sum`](crate::projections::Sum) fills are left out: a rebuild sums up their rows later.
    pub fn sum_later(&mut self) {
        self.sums_later = true;
    }

    /// Whether sums of other rows are left out.
    pub fn sums_later(&self) -> bool {
        self.sums_later
    }

    /// Commits the transaction; [`SqlError::Conflict`] where a condition did not hold.
    pub async fn commit(mut self) -> Result<(), SqlError> {
        self.send_queued().await?;
        match self.inner {
            Inner::Postgres(connection) => connection.commit().await?,
            Inner::Sqlite(tx) => tx.commit().await?,
        }
        if let Some(wal) = self.wal.filter(|_| self.erases) {
            wal.empty_soon();
        }
        Ok(())
    }

    /// Runs one statement; returns the number of affected rows.
    pub async fn execute(&mut self, sql: &Sql, values: &[Value]) -> Result<u64, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.in_shadow);
        Ok(match &mut self.inner {
            Inner::Postgres(connection) => {
                connection.ensure_transaction().await?;
                connection.execute(bind::postgres(text, values)).await?
            }
            Inner::Sqlite(tx) => bind::sqlite(text, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs several statements without parameters.
    pub(super) async fn run(&mut self, statements: String) -> Result<(), SqlError> {
        match &mut self.inner {
            Inner::Postgres(connection) => {
                connection.ensure_transaction().await?;
                connection.run(statements).await
            }
            Inner::Sqlite(tx) => {
                sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut **tx).await?;
                Ok(())
            }
        }
    }

    /// Refuses all queued statements if this query over a set of rows finds a row. Conditions are checked in the
    /// writing statement, in the order of the calls: so a condition that locks comes first.
    pub fn unless(&mut self, sql: &'static Sql, rows: Rows) {
        if !rows.is_empty() {
            self.conditions.push((sql, rows));
        }
    }

    /// Queues a statement over a set of rows, to be sent in one round trip with the next `execute_many`, or before
    /// any other statement. Statements of one round trip must touch different rows, since none sees the changes of
    /// another.
    pub fn queue(&mut self, sql: &'static Sql, rows: Rows) {
        if !rows.is_empty() {
            self.queued.push((sql, rows));
        }
    }

    /// Runs one statement over a set of rows (see [`Sql::rows`]) and all queued before it; returns the number of rows
    /// affected by this one.
    pub async fn execute_many(&mut self, sql: &'static Sql, rows: Rows) -> Result<u64, SqlError> {
        let nothing = rows.is_empty();
        self.queue(sql, rows);
        if let Inner::Postgres(connection) = &mut self.inner {
            connection.ensure_transaction().await?;
        }
        let touched = self.send_queued().await?;
        Ok(if nothing { 0 } else { touched })
    }

    /// Queues a query over a set of rows (see [`Sql::rows`]). All queries that are queued before the first result is
    /// needed share one round trip and one snapshot.
    pub fn query(&mut self, sql: &'static Sql, rows: Rows) -> QueuedQuery {
        self.queries.push((sql, rows));
        QueuedQuery(self.answers.len() + self.queries.len() - 1)
    }

    /// The rows of a queued query.
    pub async fn read_queued(&mut self, QueuedQuery(index): QueuedQuery) -> Result<Vec<Row>, SqlError> {
        let queries = std::mem::take(&mut self.queries);
        match &mut self.inner {
            _ if queries.is_empty() => {}
            Inner::Postgres(connection) => self.answers.extend(query_together(connection, queries).await?),
            Inner::Sqlite(_) => {
                for (sql, rows) in queries {
                    let answer = self.rows_for_many(sql, rows).await?;
                    self.answers.push(answer);
                }
            }
        }
        Ok(self.answers.get_mut(index).map(std::mem::take).unwrap_or_default())
    }

    /// Sends queued statements before others follow, so a transaction is needed.
    async fn send_queued_before_more(&mut self) -> Result<(), SqlError> {
        if self.queued.is_empty() {
            return Ok(());
        }
        if let Inner::Postgres(connection) = &mut self.inner {
            connection.ensure_transaction().await?;
        }
        self.send_queued().await.map(drop)
    }

    /// Sends queued statements; returns the number of rows affected by the last.
    async fn send_queued(&mut self) -> Result<u64, SqlError> {
        let (conditions, statements) = (std::mem::take(&mut self.conditions), std::mem::take(&mut self.queued));
        if statements.is_empty() {
            return Ok(0);
        }
        let is_conditional = !conditions.is_empty();
        let touched = match &mut self.inner {
            Inner::Postgres(connection) => send(connection, conditions, statements, self.in_shadow).await?,
            Inner::Sqlite(tx) => {
                for (sql, rows) in conditions {
                    let text = sql.form(Dialect::Sqlite, self.in_shadow);
                    if bind::sqlite_rows(text, rows).fetch_optional(&mut **tx).await?.is_some() {
                        return Err(SqlError::Conflict);
                    }
                }
                let mut touched = 0;
                for (sql, rows) in statements {
                    let text = sql.form(Dialect::Sqlite, self.in_shadow);
                    touched = bind::sqlite_rows(text, rows).execute(&mut **tx).await?.rows_affected();
                }
                touched
            }
        };
        if is_conditional && touched == 0 { Err(SqlError::Conflict) } else { Ok(touched) }
    }

    /// The rows of a query with a set of rows as its parameter (see [`Sql::rows`]).
    pub async fn rows_for_many(&mut self, sql: &Sql, rows: Rows) -> Result<Vec<Row>, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.in_shadow);
        Ok(match &mut self.inner {
            Inner::Postgres(connection) => {
                let query = bind::with_arrays(bind::postgres(text, &[]), (sql, rows));
                connection.fetch(query).await?.into_iter().map(Row::Postgres).collect()
            }
            Inner::Sqlite(tx) => {
                bind::sqlite_rows(text, rows).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// All rows of a query.
    pub async fn rows(&mut self, sql: &Sql, values: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.send_queued_before_more().await?;
        let text = sql.form(self.dialect(), self.in_shadow);
        Ok(match &mut self.inner {
            Inner::Postgres(connection) => {
                let rows = connection.fetch(bind::postgres(text, values)).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
            Inner::Sqlite(tx) => {
                bind::sqlite(text, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// The one row of a query, if there is one.
    pub async fn row(&mut self, sql: &Sql, values: &[Value]) -> Result<Option<Row>, SqlError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The kind of database.
    pub fn dialect(&self) -> Dialect {
        match &self.inner {
            Inner::Postgres(_) => Dialect::Postgres,
            Inner::Sqlite(_) => Dialect::Sqlite,
        }
    }
}

async fn send(
    to: &mut Connection,
    conditions: Vec<(&'static Sql, Rows)>,
    statements: Vec<(&'static Sql, Rows)>,
    in_shadow: bool,
) -> Result<u64, SqlError> {
    let texts = |parts: &[(&'static Sql, Rows)]| parts.iter().map(|(sql, _)| *sql).collect::<Vec<_>>();
    let text = Sql::together(&texts(&conditions), &texts(&statements), in_shadow);
    let query = bind::postgres(Arc::from(text), &[]);
    let query = conditions.into_iter().chain(statements).fold(query, bind::with_arrays);
    to.execute(query).await
}

async fn query_together(from: &mut Connection, queries: Vec<(&Sql, Rows)>) -> Result<Vec<Vec<Row>>, SqlError> {
    let text = Sql::queries_together(queries.iter().map(|(sql, _)| *sql));
    let count = queries.len();
    let query = queries.into_iter().fold(bind::postgres(Arc::from(text), &[]), bind::with_arrays);
    let answers = from.fetch(query).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
    let answer = |index| Row::read_all(&answers.try_get::<String, usize>(index)?);
    (0..count).map(answer).collect()
}
