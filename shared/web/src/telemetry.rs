//! Logging: lines for a terminal, JSON for a collector. Logs never hold data of a request.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error: `level` is a filter such as `info` or `shared=debug`. Only the first call
/// counts.
pub fn start(level: &str) {
    // The libraries' own messages may hold data, so they are filtered. `bus` reports the state of NATS once per
    // change, and `health` that of the database.
    let filter = format!("{level},sqlx=warn,sqlx_core::pool::connection=error,async_nats=off,hyper=warn,h2=warn");
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (tests) changes nothing.
    let _ = if std::io::stderr().is_terminal() { builder.try_init() } else { builder.json().try_init() };
}
