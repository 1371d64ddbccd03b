//! Connections to PostgreSQL: which server of several, through a pooler or not, and with which settings.
//!
//! A pooler in transaction mode (`PgBouncer`) knows neither the settings that a connection starts with nor prepared statements
//! that outlive a transaction. Where one stands between, every statement runs in a transaction that sets its own settings, and
//! is prepared for one use.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Executor, PgConnection, PgPool, Postgres, Row as _};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::SqlError;
use super::connection::Connection;

/// Longest wait for a free connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest wait for one server of several, and for the cause of a failure.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections for each process: those that only read, and those that write.
const READERS: u32 = 8;
const WRITERS: u32 = 4;
/// How long after a failure each connection is tried before it is used.
const SUSPICION: Duration = Duration::from_secs(10);
/// A process that was stopped in the middle of a transaction must not hold up the others for longer.
const IDLE_IN_TRANSACTION_MS: &str = "1000";
/// The setting that shows whether a connection has what it was started with.
const DIRECT: &str = "signpost.direct";

/// Settings of every connection.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "60000"),
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

/// When a connection failed last, in milliseconds of this process.
static SUSPECTED_AT_MS: AtomicI64 = AtomicI64::new(i64::MIN);

fn process_ms() -> i64 {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    i64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(i64::MAX)
}

/// A connection failed: others may be broken too, or lead to a server that takes no writes any more.
pub(super) fn suspect_connections() {
    SUSPECTED_AT_MS.store(process_ms(), Ordering::Relaxed);
}

fn is_suspicious() -> bool {
    let at_ms = SUSPECTED_AT_MS.load(Ordering::Relaxed);
    at_ms != i64::MIN && process_ms() - at_ms < i64::try_from(SUSPICION.as_millis()).unwrap_or(i64::MAX)
}

/// The pools of one database.
#[derive(Clone, Debug)]
pub struct PostgresPools {
    read: PgPool,
    write: PgPool,
    servers: Arc<Servers>,
}

/// Where the database may be.
#[derive(Debug)]
struct Servers {
    all: Vec<PgConnectOptions>,
    /// A pooler in transaction mode stands between.
    is_pooled: bool,
    /// Held while a server is looked for, so that one caller does it for all.
    looking: Mutex<()>,
}

impl PostgresPools {
    /// Finds the server that takes writes, and whether a pooler stands between.
    pub(super) async fn open(url: &str) -> Result<Self, SqlError> {
        let all: Vec<PgConnectOptions> = hosts(url).iter().map(|url| options(url)).collect::<Result<_, _>>()?;
        let found = find_writable(&all).await?;
        if found.is_pooled {
            tracing::info!("a connection pooler stands before PostgreSQL: statements are prepared for each use");
        }
        let several = all.len() > 1;
        let servers = Arc::new(Servers { all, is_pooled: found.is_pooled, looking: Mutex::new(()) });
        let read = pool(READERS, several).connect_lazy_with(servers.with_settings(&found.options, &[]));
        let write = pool(WRITERS, true).connect_lazy_with(servers.with_settings(&found.options, &BY_KEYS));
        Ok(Self { read, write, servers })
    }

    /// The same database with one connection to write for the caller alone, opened where it is first used.
    pub(super) fn with_own_writer(&self) -> Self {
        let options = PgConnectOptions::clone(&self.write.connect_options());
        Self { write: pool(1, true).connect_lazy_with(options), ..self.clone() }
    }

    /// A connection for one query outside any transaction of the caller's.
    pub(super) async fn reader(&self) -> Result<Connection, SqlError> {
        if self.servers.is_pooled { self.begin_read("READ ONLY", "").await } else { self.connection(&self.read).await }
    }

    /// Begins a transaction that reads, in this mode and with these statements behind its beginning.
    pub(super) async fn begin_read(&self, mode: &str, then: &str) -> Result<Connection, SqlError> {
        let settings = if self.servers.is_pooled { set_local(&[]) } else { String::new() };
        self.connection(&self.read).await?.begin(format!("BEGIN {mode}; {settings} {then}")).await
    }

    /// Begins a transaction that writes, with these statements behind its beginning.
    pub(super) async fn begin_write(&self, then: &str) -> Result<Connection, SqlError> {
        let settings = if self.servers.is_pooled { set_local(&BY_KEYS) } else { String::new() };
        self.connection(&self.write).await?.begin(format!("BEGIN; {settings} {then}")).await
    }

    /// A connection on which the last statement may be a transaction by itself.
    pub(super) async fn autocommit(&self) -> Result<Connection, SqlError> {
        if self.servers.is_pooled { self.begin_write("").await } else { self.connection(&self.write).await }
    }

    pub(super) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    async fn connection(&self, pool: &PgPool) -> Result<Connection, SqlError> {
        Ok(Connection::new(self.acquire(pool).await?, self.servers.is_pooled))
    }

    async fn acquire(&self, pool: &PgPool) -> Result<PoolConnection<Postgres>, SqlError> {
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
        let _alone = self.servers.looking.lock().await;
        let found = find_writable(&self.servers.all).await?;
        self.read.set_connect_options(self.servers.with_settings(&found.options, &[]));
        self.write.set_connect_options(self.servers.with_settings(&found.options, &BY_KEYS));
        Ok(())
    }
}

impl Servers {
    fn with_settings(&self, options: &PgConnectOptions, more: &[(&'static str, &'static str)]) -> PgConnectOptions {
        if self.is_pooled {
            return options.clone().statement_cache_capacity(0);
        }
        options.clone().options(SETTINGS).options(more.iter().copied())
    }
}

fn pool(connections: u32, must_write: bool) -> PgPoolOptions {
    // A broken connection shows at its next use, and every use here may be tried again.
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    pool.test_before_acquire(false).before_acquire(move |connection, _| {
        Box::pin(async move {
            if !is_suspicious() {
                return Ok(true);
            }
            let takes_writes = takes_writes(connection).await?;
            Ok(takes_writes || !must_write)
        })
    })
}

/// One URL for each host of a URL that names several.
pub(crate) fn hosts(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
    let at = if authority.contains('@') { "@" } else { "" };
    hosts.split(',').map(|host| format!("{scheme}://{user}{at}{host}{path}")).collect()
}

fn options(url: &str) -> Result<PgConnectOptions, SqlError> {
    let options: PgConnectOptions = url.parse()?;
    // No floats are read here, and poolers refuse the parameter.
    Ok(options.application_name("signpost").extra_float_digits(None).disable_statement_logging())
}

/// A server that was found.
struct Found {
    options: PgConnectOptions,
    is_pooled: bool,
}

/// The first server that takes writes; without one, the first that answers. Fails with the last one's error.
async fn find_writable(all: &[PgConnectOptions]) -> Result<Found, SqlError> {
    let (mut answers, mut failure) = (None, None);
    for options in all {
        match timeout(CONNECT_TIMEOUT, look_at(options)).await {
            Ok(Ok((found, true))) => return Ok(found),
            Ok(Ok((found, false))) => answers = answers.or(Some(found)),
            Ok(Err(error)) => failure = Some(error),
            Err(_) => failure = Some(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
        }
    }
    answers.ok_or_else(|| failure.map_or(SqlError::UnknownUrl, SqlError::from))
}

/// Looks at one server: whether a pooler stands before it, and whether it takes writes.
async fn look_at(options: &PgConnectOptions) -> Result<(Found, bool), sqlx::Error> {
    let direct = options.clone().options([(DIRECT, "on")]);
    let mut connection = match PgConnection::connect_with(&direct).await {
        Err(error) if is_refused_parameter(&error) => PgConnection::connect_with(options).await?,
        outcome => outcome?,
    };
    let text = format!("SELECT COALESCE(current_setting('{DIRECT}', true), '') AS direct");
    let row = connection.fetch_optional(sqlx::raw_sql(AssertSqlSafe(text))).await?;
    let is_pooled = row.is_none_or(|row| row.try_get::<String, _>("direct").is_ok_and(|direct| direct != "on"));
    let takes_writes = takes_writes(&mut connection).await?;
    connection.close().await?;
    Ok((Found { options: options.clone(), is_pooled }, takes_writes))
}

async fn takes_writes(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = connection.fetch_optional(sqlx::raw_sql("SHOW transaction_read_only")).await?;
    Ok(row.is_some_and(|row| row.try_get::<String, _>(0).is_ok_and(|read_only| read_only == "off")))
}

/// Whether a pooler refused a setting that a connection was to start with.
fn is_refused_parameter(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("startup parameter"))
}

fn set_local(more: &[(&str, &str)]) -> String {
    let lines = SETTINGS.iter().chain(more).map(|(name, value)| format!("SET LOCAL {name} = '{value}';"));
    lines.collect::<Vec<_>>().join(" ")
}
