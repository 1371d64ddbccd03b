//! Which server of several accepts writes, whether there is a pooler before it, and why none can be used.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Executor, PgConnection, Row as _};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::error::is_unknown_database;
use crate::sql::error::SqlError;

/// Longest wait for one of several servers, and for the cause of a failure.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long callers share the result of a search.
const SEARCH_EVERY: Duration = Duration::from_millis(200);
/// The setting that shows whether a connection kept its startup settings.
const DIRECT: &str = "signpost.direct";

/// The candidate servers of the database. All are reached through poolers, or none.
#[derive(Debug)]
pub(super) struct Servers {
    all: Vec<PgConnectOptions>,
    is_pooled: bool,
    /// Locked during a search, so that one caller searches for all.
    last_search: Mutex<Option<Search>>,
}

/// The last search for the server that accepts writes.
#[derive(Debug)]
struct Search {
    ended_at: Instant,
    /// The server that accepts writes, or why none can be used.
    outcome: Result<PgConnectOptions, Arc<str>>,
}

impl Servers {
    /// The servers of a URL, and the one that accepts writes.
    pub(super) async fn open(url: &str) -> Result<(Self, PgConnectOptions), SqlError> {
        let all: Vec<PgConnectOptions> = hosts(url).iter().map(|url| options(url)).collect::<Result<_, _>>()?;
        let (found, is_pooled) = find_writable(&all, None).await?;
        Ok((Self { all, is_pooled, last_search: Mutex::new(None) }, found))
    }

    /// There is a pooler in transaction mode before the servers.
    pub(super) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// The URL names several servers.
    pub(super) fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// Finds the server that accepts writes now, unless another caller has just searched. Fails with the cause if
    /// there is none.
    pub(super) async fn find_again(&self) -> Result<PgConnectOptions, SqlError> {
        let mut last_search = self.last_search.lock().await;
        if let Some(Search { ended_at, outcome }) = &*last_search
            && ended_at.elapsed() < SEARCH_EVERY
        {
            return Ok(outcome.clone().map_err(|cause| io_error(&cause))?);
        }
        let found = find_writable(&self.all, Some(self.is_pooled)).await.map(|(found, _)| found);
        let outcome = found.as_ref().map(PgConnectOptions::clone).map_err(|error| cause(error).into());
        *last_search = Some(Search { ended_at: Instant::now(), outcome });
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

/// The first server that accepts writes, and whether there is a pooler before it. A single server may be read-only,
/// since its data can still be read; one of several that is read-only may lag behind.
async fn find_writable(
    all: &[PgConnectOptions],
    is_pooled: Option<bool>,
) -> Result<(PgConnectOptions, bool), sqlx::Error> {
    let mut failures = Vec::new();
    for options in all {
        let error = match timeout(CONNECT_TIMEOUT, probe(options, is_pooled)).await {
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

/// The cause below sqlx's own text.
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

/// Probes one server: whether there is a pooler before it, if that is unknown, and whether it accepts writes.
async fn probe(options: &PgConnectOptions, is_pooled: Option<bool>) -> Result<(bool, bool), sqlx::Error> {
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

/// Whether the server of this connection accepts writes.
pub(super) async fn takes_writes(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = connection.fetch_optional(sqlx::raw_sql("SHOW transaction_read_only")).await?;
    Ok(row.is_some_and(|row| row.try_get::<String, _>(0).is_ok_and(|read_only| read_only == "off")))
}

/// Whether a pooler refused a startup setting of a connection.
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
    async fn the_error_of_several_servers_names_the_cause_of_each() {
        let error = Servers::open("postgres://user:secret@127.0.0.1:1,localhost:1/none").await.unwrap_err();
        let text = crate::health::with_causes(&error);
        assert_eq!(text.matches("refused").count(), 2, "{text}");
        assert!(text.contains("127.0.0.1:1: ") && text.contains("localhost:1: ") && !text.contains("secret"), "{text}");
    }
}
