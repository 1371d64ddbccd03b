//! Connections to PostgreSQL: how many, with which settings, and when they are tried before their use.
//!
//! A pooler in transaction mode (`PgBouncer`) knows neither the settings that a connection starts with nor prepared statements
//! that outlive a transaction. Where one stands between, every statement runs in a transaction that sets its own settings, and
//! is prepared for one use.

use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres};
use tokio::time::timeout;

use super::connection::Connection;
use super::servers::{CONNECT_TIMEOUT, Servers, takes_writes};
use super::suspicion::{is_suspicious, suspect_connections};
use crate::sql::error::SqlError;

/// Longest wait for a free connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Connections for each process: those that only read, and those that write.
const READERS: u32 = 8;
const WRITERS: u32 = 4;
/// A process that was stopped in the middle of a transaction must not hold up the others for longer.
const IDLE_IN_TRANSACTION_MS: &str = "1000";

/// Longest wait for an answer: longer than the server works on a statement.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(25);
/// The same for a connection that writes for one caller alone, whose statements are short: longer than it waits for a lock.
const OWN_ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of every connection.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "20000"),
    ("lock_timeout", "5000"),
    ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS),
    // Compiling a plan takes longer than any statement here.
    ("jit", "off"),
];
/// A transaction that writes finds its rows by their keys, always. Statistics lag behind tables that grow by thousands of
/// rows a second, and a plan that was made while a table was empty would read all of it.
const BY_KEYS: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// The pools of one database.
#[derive(Clone, Debug)]
pub struct PostgresPools {
    read: PgPool,
    write: PgPool,
    servers: Arc<Servers>,
    /// Longest wait for an answer.
    limit: Option<Duration>,
}

impl PostgresPools {
    /// Finds the server that takes writes, and whether a pooler stands between.
    pub(super) async fn open(url: &str) -> Result<Self, SqlError> {
        let (servers, found) = Servers::open(url).await?;
        if servers.is_pooled() {
            tracing::info!("a connection pooler stands before PostgreSQL: statements are prepared for each use");
        }
        let is_pooled = servers.is_pooled();
        let read = pool(READERS, servers.are_several()).connect_lazy_with(with_settings(&found, is_pooled, &[]));
        let write = pool(WRITERS, true).connect_lazy_with(with_settings(&found, is_pooled, &BY_KEYS));
        Ok(Self { read, write, servers: Arc::new(servers), limit: Some(ANSWER_TIMEOUT) })
    }

    /// The same database with one connection to write for the caller alone, opened where it is first used.
    pub(super) fn with_own_writer(&self) -> Self {
        let options = PgConnectOptions::clone(&self.write.connect_options());
        Self { write: pool(1, true).connect_lazy_with(options), limit: Some(OWN_ANSWER_TIMEOUT), ..self.clone() }
    }

    /// The same connections for what may take as long as it takes.
    pub(super) fn patient(&self) -> Self {
        Self { limit: None, ..self.clone() }
    }

    /// A connection for one query outside any transaction of the caller's.
    pub(super) async fn reader(&self) -> Result<Connection, SqlError> {
        if self.servers.is_pooled() {
            self.begin_read("READ ONLY", "").await
        } else {
            self.connection(&self.read).await
        }
    }

    /// Begins a transaction that reads, in this mode and with these statements behind its beginning.
    pub(super) async fn begin_read(&self, mode: &str, then: &str) -> Result<Connection, SqlError> {
        let settings = if self.servers.is_pooled() { set_local(&[]) } else { String::new() };
        self.connection(&self.read).await?.begin(format!("BEGIN {mode}; {settings} {then}")).await
    }

    /// Begins a transaction that writes, with these statements behind its beginning.
    pub(super) async fn begin_write(&self, then: &str) -> Result<Connection, SqlError> {
        let settings = if self.servers.is_pooled() { set_local(&BY_KEYS) } else { String::new() };
        self.connection(&self.write).await?.begin(format!("BEGIN; {settings} {then}")).await
    }

    /// A connection on which the last statement may be a transaction by itself.
    pub(super) async fn autocommit(&self) -> Result<Connection, SqlError> {
        if self.servers.is_pooled() { self.begin_write("").await } else { self.connection(&self.write).await }
    }

    pub(super) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    async fn connection(&self, pool: &PgPool) -> Result<Connection, SqlError> {
        Ok(Connection::new(self.acquire(pool).await?, self.servers.is_pooled(), self.limit))
    }

    async fn acquire(&self, pool: &PgPool) -> Result<PoolConnection<Postgres>, SqlError> {
        if is_suspicious() {
            // A pool tries a server that refuses connections until its time is over, and then cannot name the cause.
            self.look_again().await?;
        }
        match pool.acquire().await {
            Ok(connection) => Ok(connection),
            Err(error) => {
                suspect_connections();
                self.look_again().await?;
                // The server is there: the pool had no connection free in time.
                pool.acquire().await.map_err(|_| SqlError::from(error))
            }
        }
    }

    /// Finds the server that takes writes now, for the connections to come; fails with the cause where there is none.
    async fn look_again(&self) -> Result<(), SqlError> {
        let (found, is_pooled) = (self.servers.look_again().await?, self.servers.is_pooled());
        self.read.set_connect_options(with_settings(&found, is_pooled, &[]));
        self.write.set_connect_options(with_settings(&found, is_pooled, &BY_KEYS));
        Ok(())
    }
}

/// The settings that a connection starts with; through a pooler each transaction sets its own.
fn with_settings(
    options: &PgConnectOptions,
    is_pooled: bool,
    more: &[(&'static str, &'static str)],
) -> PgConnectOptions {
    if is_pooled {
        return options.clone().statement_cache_capacity(0);
    }
    options.clone().options(SETTINGS).options(more.iter().copied())
}

fn pool(connections: u32, must_write: bool) -> PgPoolOptions {
    // A broken connection shows at its next use, and every use here may be tried again.
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    pool.test_before_acquire(false).before_acquire(move |connection, _| {
        Box::pin(async move {
            if !is_suspicious() {
                return Ok(true);
            }
            // A connection that does not answer is closed.
            let answer = timeout(CONNECT_TIMEOUT, takes_writes(connection)).await;
            Ok(matches!(answer, Ok(Ok(takes_writes)) if takes_writes || !must_write))
        })
    })
}

fn set_local(more: &[(&str, &str)]) -> String {
    let lines = SETTINGS.iter().chain(more).map(|(name, value)| format!("SET LOCAL {name} = '{value}';"));
    lines.collect::<Vec<_>>().join(" ")
}
