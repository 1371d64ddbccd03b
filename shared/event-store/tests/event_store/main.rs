//! The contract of the log, its relay and its projectors: one suite, run on SQLite and on PostgreSQL with NATS.
//! The server half runs where `tests/run` has started the servers, and says so where it has not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod fixture;
mod following;
mod log;
mod migrating;
mod parking;
mod published;
mod relaying;

/// Declares each test once for each database.
macro_rules! on_both_databases {
    ($($name:ident)+) => { $(mod $name {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn on_sqlite() {
            super::$name(crate::fixture::sqlite().await).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn on_postgres() {
            if let Some(database) = crate::fixture::postgres().await {
                super::$name(database).await;
            }
        }
    })+ };
}
pub(crate) use on_both_databases;
