//! A PostgreSQL connection, and whether a transaction is open on it. A transaction is begun only when something is to be
//! written that does not leave with the last statement: one statement is a transaction by itself, and spares two round trips.

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres};

use super::SqlError;
use super::bind::PostgresQuery;

/// The connection. Dropped in the middle of a transaction, it is rolled back before anybody else gets it, and closed where
/// that fails.
#[derive(Debug)]
pub(super) struct Connection {
    inner: Option<PoolConnection<Postgres>>,
    in_transaction: bool,
    /// The next transaction may run on another connection of the pooler's, where a statement of the same name is another.
    is_pooled: bool,
}

impl Connection {
    /// Without a transaction.
    pub(super) fn new(connection: PoolConnection<Postgres>, is_pooled: bool) -> Self {
        Self { inner: Some(connection), in_transaction: false, is_pooled }
    }

    /// Begins a transaction by these statements, in one round trip.
    pub(super) async fn begin(mut self, statements: String) -> Result<Self, SqlError> {
        self.in_transaction = true;
        self.run(statements).await?;
        Ok(self)
    }

    /// Begins a transaction unless one is open: for writing before the last statement.
    pub(super) async fn ensure_transaction(&mut self) -> Result<(), SqlError> {
        if !self.in_transaction {
            // Said first, for a caller that is dropped while it waits leaves a transaction behind too.
            self.in_transaction = true;
            self.get()?.execute("BEGIN").await?;
        }
        Ok(())
    }

    /// All rows of a query.
    pub(super) async fn fetch(&mut self, query: PostgresQuery) -> Result<Vec<PgRow>, SqlError> {
        let query = query.persistent(!self.is_pooled);
        Ok(query.fetch_all(self.get()?).await?)
    }

    /// Runs a statement; answers the number of rows that it touched.
    pub(super) async fn execute(&mut self, query: PostgresQuery) -> Result<u64, SqlError> {
        let query = query.persistent(!self.is_pooled);
        Ok(query.execute(self.get()?).await?.rows_affected())
    }

    /// Runs several statements without parameters.
    pub(super) async fn run(&mut self, statements: String) -> Result<(), SqlError> {
        self.get()?.execute(sqlx::raw_sql(AssertSqlSafe(statements))).await?;
        Ok(())
    }

    fn get(&mut self) -> Result<&mut PgConnection, SqlError> {
        self.inner.as_deref_mut().ok_or(SqlError::Unavailable(sqlx::Error::PoolClosed))
    }

    /// Makes durable what was written before the last statement.
    pub(super) async fn commit(mut self) -> Result<(), SqlError> {
        if self.in_transaction {
            self.get()?.execute("COMMIT").await?;
            self.in_transaction = false;
        }
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(mut connection) = self.inner.take().filter(|_| self.in_transaction) else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(roll_back(connection))),
            Err(_) => connection.close_on_drop(),
        }
    }
}

async fn roll_back(mut connection: PoolConnection<Postgres>) {
    if connection.execute("ROLLBACK").await.is_err() {
        connection.close_on_drop();
    }
}
