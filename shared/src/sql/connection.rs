//! A PostgreSQL connection, and whether a transaction is open on it. A transaction is begun only when something is to be
//! written that does not leave with the last statement: one statement is a transaction by itself, and spares two round trips.

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres};

use super::SqlError;

/// The connection. Dropped in the middle of a transaction, it is rolled back before anybody else gets it, and closed where
/// that fails.
#[derive(Debug)]
pub(super) struct Connection {
    connection: Option<PoolConnection<Postgres>>,
    in_transaction: bool,
}

impl Connection {
    /// Without a transaction.
    pub(super) fn new(connection: PoolConnection<Postgres>) -> Self {
        Self { connection: Some(connection), in_transaction: false }
    }

    /// Begins a transaction by these statements, in one round trip.
    pub(super) async fn begin(mut self, statements: String) -> Result<Self, SqlError> {
        self.in_transaction = true;
        self.get()?.execute(sqlx::raw_sql(AssertSqlSafe(statements))).await?;
        Ok(self)
    }

    /// For reading, and for the last statement.
    pub(super) fn get(&mut self) -> Result<&mut PgConnection, SqlError> {
        self.connection.as_deref_mut().ok_or(SqlError::Unavailable(sqlx::Error::PoolClosed))
    }

    /// For writing before the last statement.
    pub(super) async fn begun(&mut self) -> Result<&mut PgConnection, SqlError> {
        if !self.in_transaction {
            self.get()?.execute("BEGIN").await?;
            self.in_transaction = true;
        }
        self.get()
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
        let Some(mut connection) = self.connection.take().filter(|_| self.in_transaction) else { return };
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
