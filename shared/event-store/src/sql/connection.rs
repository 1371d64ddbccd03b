//! A PostgreSQL connection, and whether a transaction is open on it. A transaction begins only if something is
//! written before the last statement: a single statement is a transaction by itself, and spares two round trips.
//!
//! Each wait for a response has a limit. A server that vanished with its machine never reports so, and its statement
//! limits vanish with it.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection, Postgres};
use tokio::time::timeout;

use super::bind::PostgresQuery;
use crate::sql::error::SqlError;

/// Longest time to make an interrupted connection usable for others.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that is dropped in a statement or a transaction is cleaned up before others get it, and closed if
/// that fails.
#[derive(Debug)]
pub(super) struct Connection {
    inner: Option<PoolConnection<Postgres>>,
    in_transaction: bool,
    /// A statement was sent without a response yet.
    is_waiting: bool,
    /// The next transaction may run on another connection of the pooler's, where a statement of the same name is
    /// another.
    is_pooled: bool,
    /// Longest wait for a response; `None` for operations without a limit.
    limit: Option<Duration>,
}

impl Connection {
    /// Without a transaction.
    pub(super) fn new(connection: PoolConnection<Postgres>, is_pooled: bool, limit: Option<Duration>) -> Self {
        Self { inner: Some(connection), in_transaction: false, is_waiting: false, is_pooled, limit }
    }

    /// Begins a transaction with these statements, in one round trip.
    pub(super) async fn begin(mut self, statements: String) -> Result<Self, SqlError> {
        self.in_transaction = true;
        self.run(statements).await?;
        Ok(self)
    }

    /// Begins a transaction unless one is open: for writing before the last statement.
    pub(super) async fn ensure_transaction(&mut self) -> Result<(), SqlError> {
        if !self.in_transaction {
            // Set first: a caller that is dropped during the wait leaves a transaction behind too.
            self.in_transaction = true;
            self.run("BEGIN".to_owned()).await?;
        }
        Ok(())
    }

    /// All rows of a query.
    pub(super) async fn fetch(&mut self, query: PostgresQuery) -> Result<Vec<PgRow>, SqlError> {
        let (query, limit) = (query.persistent(!self.is_pooled), self.limit);
        let answer = within(limit, query.fetch_all(self.get()?)).await;
        self.answered(answer)
    }

    /// Runs a statement; returns the number of affected rows.
    pub(super) async fn execute(&mut self, query: PostgresQuery) -> Result<u64, SqlError> {
        let (query, limit) = (query.persistent(!self.is_pooled), self.limit);
        let answer = within(limit, query.execute(self.get()?)).await;
        Ok(self.answered(answer)?.rows_affected())
    }

    /// Runs several statements without parameters.
    pub(super) async fn run(&mut self, statements: String) -> Result<(), SqlError> {
        let (statements, limit) = (sqlx::raw_sql(AssertSqlSafe(statements)), self.limit);
        let answer = within(limit, self.get()?.execute(statements)).await;
        self.answered(answer).map(drop)
    }

    /// The connection, for one statement.
    fn get(&mut self) -> Result<&mut PgConnection, SqlError> {
        self.is_waiting = true;
        self.inner.as_deref_mut().ok_or(SqlError::Unavailable(sqlx::Error::PoolClosed))
    }

    fn answered<T>(&mut self, answer: Option<Result<T, sqlx::Error>>) -> Result<T, SqlError> {
        self.is_waiting = answer.is_none();
        let answer = answer.unwrap_or_else(|| {
            let cause = "the database does not answer in time";
            Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, cause)))
        });
        Ok(answer?)
    }

    /// Commits the writes before the last statement.
    pub(super) async fn commit(mut self) -> Result<(), SqlError> {
        if self.in_transaction {
            self.run("COMMIT".to_owned()).await?;
            self.in_transaction = false;
        }
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let is_settled = !self.in_transaction && !self.is_waiting;
        let Some(mut connection) = self.inner.take().filter(|_| !is_settled) else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(settle(connection, self.in_transaction))),
            Err(_) => connection.close_on_drop(),
        }
    }
}

/// Reads the pending response, then rolls back an open transaction.
async fn settle(mut connection: PoolConnection<Postgres>, in_transaction: bool) {
    let settled = timeout(SETTLE_TIMEOUT, async {
        if in_transaction { connection.execute("ROLLBACK").await.map(drop) } else { connection.ping().await }
    });
    if !matches!(settled.await, Ok(Ok(()))) {
        connection.close_on_drop();
    }
}

/// `None` if the time limit ends first.
async fn within<T>(limit: Option<Duration>, answer: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => timeout(limit, answer).await.ok(),
        None => Some(answer.await),
    }
}
