//! A PostgreSQL connection that begins a transaction only when something is to be written that does not leave with the last
//! statement: one statement is a transaction by itself, and spares the two round trips around it.

use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgConnection, Postgres};

use super::SqlError;

/// The connection; given up together with a transaction that was begun and not committed.
#[derive(Debug)]
pub(super) struct Alone {
    connection: PoolConnection<Postgres>,
    begun: bool,
}

impl Alone {
    pub(super) fn new(connection: PoolConnection<Postgres>) -> Self {
        Self { connection, begun: false }
    }

    /// For reading, and for the last statement.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// For writing before the last statement.
    pub(super) async fn begun(&mut self) -> Result<&mut PgConnection, SqlError> {
        if !self.begun {
            self.connection.execute("BEGIN").await?;
            self.begun = true;
        }
        Ok(&mut self.connection)
    }

    /// Makes durable what was written before the last statement.
    pub(super) async fn commit(mut self) -> Result<(), SqlError> {
        if self.begun {
            self.connection.execute("COMMIT").await?;
            self.begun = false;
        }
        Ok(())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if self.begun {
            self.connection.close_on_drop();
        }
    }
}
