//! Connections to PostgreSQL: how many, with which settings, and when they are tested before use.
//!
//! A pooler in transaction mode (`PgBouncer`) supports neither the startup settings of a connection nor prepared
//! statements that outlive a transaction. Behind a pooler, every statement runs in a transaction that sets its own
//! settings, and is prepared for one use.

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
/// Connections of each process: those that only read, and those that write.
const READERS: u32 = 8;
const WRITERS: u32 = 4;
/// A process that was suspended in a transaction must not block the others for longer.
const IDLE_IN_TRANSACTION_MS: &str = "1000";

/// Longest wait for a response: longer than the server's limit for a statement.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(25);
/// Longest wait of a write connection with one caller, whose statements are short: longer than its wait for a lock.
const OWN_ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of every connection.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "20000"),
    ("lock_timeout", "5000"),
    ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS),
    // JIT compilation takes longer than any statement here.
    ("jit", "off"),
];
/// Writing transactions always find rows by key. Statistics lag behind tables that grow by thousands of rows a
/// second, and a plan made for an empty table would read all of it.
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
    /// Longest wait for a response.
    limit: Option<Duration>,
}

impl PostgresPools {
    /// Finds the server that accepts writes, and whether there is a pooler before it.
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

    /// The same database with a write connection for the caller alone, opened on first use.
    pub(super) fn with_own_writer(&self) -> Self {
        let options = PgConnectOptions::clone(&self.write.connect_options());
        Self { write: pool(1, true).connect_lazy_with(options), limit: Some(OWN_ANSWER_TIMEOUT), ..self.clone() }
    }

    /// The same connections for operations without a time limit.
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

    /// Begins a transaction that reads, in this mode, with these statements after its beginning.
    pub(super) async fn begin_read(&self, mode: &str, then: &str) -> Result<Connection, SqlError> {
        let settings = if self.servers.is_pooled() { set_local(&[]) } else { String::new() };
        self.connection(&self.read).await?.begin(format!("BEGIN {mode}; {settings} {then}")).await
    }

    /// Begins a transaction that writes, with these statements after its beginning.
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
            // A pool retries a server that refuses connections until its time is over, and then cannot name the
            // cause.
            self.find_again().await?;
        }
        match pool.acquire().await {
            Ok(connection) => Ok(connection),
            Err(error) => {
                suspect_connections();
                self.find_again().await?;
                // The server responds, so the pool had no free connection in time.
                pool.acquire().await.map_err(|_| SqlError::from(error))
            }
        }
    }

    /// Finds the server that accepts writes now, for new connections; fails with the cause if there is none.
    async fn find_again(&self) -> Result<(), SqlError> {
        let (found, is_pooled) = (self.servers.find_again().await?, self.servers.is_pooled());
        self.read.set_connect_options(with_settings(&found, is_pooled, &[]));
        self.write.set_connect_options(with_settings(&found, is_pooled, &BY_KEYS));
        Ok(())
    }
}

/// The settings that a connection starts with; behind a pooler each transaction sets its own.
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
    // A broken connection shows at its next use, and every use here can be retried.
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    pool.test_before_acquire(false).before_acquire(move |connection, _| {
        Box::pin(async move {
            if !is_suspicious() {
                return Ok(true);
            }
            // A connection without a response is closed.
            let answer = timeout(CONNECT_TIMEOUT, takes_writes(connection)).await;
            Ok(matches!(answer, Ok(Ok(takes_writes)) if takes_writes || !must_write))
        })
    })
}

fn set_local(more: &[(&str, &str)]) -> String {
    let lines = SETTINGS.iter().chain(more).map(|(name, value)| format!("SET LOCAL {name} = '{value}';"));
    lines.collect::<Vec<_>>().join(" ")
}
