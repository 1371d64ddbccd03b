//! Which server of several takes writes, whether a pooler stands before it, and why none can be used.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Executor, PgConnection, Row as _};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::error::is_unknown_database;
use crate::sql::error::SqlError;

/// Longest wait for one server of several, and for the cause of a failure.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the result of a look holds for all who ask.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The setting that shows whether a connection has what it was started with.
const DIRECT: &str = "signpost.direct";

/// Where the database may be. All servers are reached in the same way: through poolers, or none.
#[derive(Debug)]
pub(super) struct Servers {
    all: Vec<PgConnectOptions>,
    is_pooled: bool,
    /// Held while a server is looked for, so that one caller does it for all.
    last_look: Mutex<Option<Look>>,
}

/// The last look at the servers.
#[derive(Debug)]
struct Look {
    ended_at: Instant,
    /// The server that takes writes, or why none could be used.
    outcome: Result<PgConnectOptions, Arc<str>>,
}

impl Servers {
    /// The servers of a URL, and the one that takes writes.
    pub(super) async fn open(url: &str) -> Result<(Self, PgConnectOptions), SqlError> {
        let all: Vec<PgConnectOptions> = hosts(url).iter().map(|url| options(url)).collect::<Result<_, _>>()?;
        let (found, is_pooled) = find_writable(&all, None).await?;
        Ok((Self { all, is_pooled, last_look: Mutex::new(None) }, found))
    }

    /// A pooler in transaction mode stands between.
    pub(super) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// The URL names several.
    pub(super) fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// Finds the server that takes writes now, unless somebody has just looked. Fails with the cause where there is none.
    pub(super) async fn look_again(&self) -> Result<PgConnectOptions, SqlError> {
        let mut last_look = self.last_look.lock().await;
        if let Some(Look { ended_at, outcome }) = &*last_look
            && ended_at.elapsed() < LOOK_EVERY
        {
            return Ok(outcome.clone().map_err(|cause| io_error(&cause))?);
        }
        let found = find_writable(&self.all, Some(self.is_pooled)).await.map(|(found, _)| found);
        let outcome = found.as_ref().map(PgConnectOptions::clone).map_err(|error| cause(error).into());
        *last_look = Some(Look { ended_at: Instant::now(), outcome });
        Ok(found?)
    }
}

/// One URL for each host of a URL that names several.
pub fn hosts(url: &str) -> Vec<String> {
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

/// The first server that takes writes, and whether a pooler stands before it. One that stands alone may refuse writes: what it
/// has can still be read. Of several, one that refuses them may lag behind.
async fn find_writable(
    all: &[PgConnectOptions],
    is_pooled: Option<bool>,
) -> Result<(PgConnectOptions, bool), sqlx::Error> {
    let mut failures = Vec::new();
    for options in all {
        let error = match timeout(CONNECT_TIMEOUT, look_at(options, is_pooled)).await {
            Ok(Ok((is_pooled, takes_writes))) if takes_writes || all.len() == 1 => {
                return Ok((options.clone(), is_pooled));
            }
            Ok(Ok(_)) => io_error("it takes no writes"),
            Ok(Err(error)) => error,
            Err(_) => io_error(&format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())),
        };
        failures.push((options, error));
    }
    if failures.len() > 1 && !failures.iter().any(|(_, error)| is_unknown_database(error)) {
        let each = failures
            .iter()
            .map(|(options, error)| format!("{}:{}: {}", options.get_host(), options.get_port(), cause(error)));
        return Err(io_error(&each.collect::<Vec<_>>().join("; ")));
    }
    let position = failures.iter().position(|(_, error)| is_unknown_database(error)).unwrap_or(0);
    Err(if failures.is_empty() { io_error("the URL names no server") } else { failures.swap_remove(position).1 })
}

/// What lies behind sqlx's words.
fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

fn io_error(cause: &str) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other(cause.to_owned()))
}

/// Looks at one server: whether a pooler stands before it, where that is not known, and whether it takes writes.
async fn look_at(options: &PgConnectOptions, is_pooled: Option<bool>) -> Result<(bool, bool), sqlx::Error> {
    let direct = options.clone().options([(DIRECT, "on")]);
    let mut connection = match PgConnection::connect_with(if is_pooled == Some(true) { options } else { &direct }).await
    {
        Err(error) if is_refused_parameter(&error) => PgConnection::connect_with(options).await?,
        outcome => outcome?,
    };
    let text = format!("SELECT COALESCE(current_setting('{DIRECT}', true), '') AS direct");
    let row = connection.fetch_optional(sqlx::raw_sql(AssertSqlSafe(text))).await?;
    let is_direct = row.is_some_and(|row| row.try_get::<String, _>("direct").is_ok_and(|direct| direct == "on"));
    let takes_writes = takes_writes(&mut connection).await?;
    connection.close().await?;
    Ok((!is_direct, takes_writes))
}

/// Whether a server takes writes on this connection.
pub(super) async fn takes_writes(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = connection.fetch_optional(sqlx::raw_sql("SHOW transaction_read_only")).await?;
    Ok(row.is_some_and(|row| row.try_get::<String, _>(0).is_ok_and(|read_only| read_only == "off")))
}

/// Whether a pooler refused a setting that a connection was to start with.
fn is_refused_parameter(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("startup parameter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_with_several_hosts_names_each_with_the_same_user_and_database() {
        let urls = hosts("postgres://user:p%40ss@one:5432,two,[::1]:5433/signpost?sslmode=require");
        let expected = ["one:5432", "two", "[::1]:5433"];
        assert_eq!(urls, expected.map(|host| format!("postgres://user:p%40ss@{host}/signpost?sslmode=require")));
        assert_eq!(hosts("postgres://one/signpost"), ["postgres://one/signpost"]);
    }

    #[tokio::test]
    async fn why_no_server_of_several_can_be_used_is_said_of_each() {
        let error = Servers::open("postgres://user:secret@127.0.0.1:1,localhost:1/none").await.unwrap_err();
        let text = crate::health::with_causes(&error);
        assert_eq!(text.matches("refused").count(), 2, "{text}");
        assert!(text.contains("127.0.0.1:1: ") && text.contains("localhost:1: ") && !text.contains("secret"), "{text}");
    }
}
