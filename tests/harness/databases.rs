//! Databases for tests that run a service, or a part of one, in their own process: always SQLite, and PostgreSQL
//! where `tests/run` started a server.
#![allow(clippy::expect_used, reason = "a test that has no database must stop")]

use std::sync::atomic::{AtomicU32, Ordering};

use crate::postgres::Postgres;
use crate::run_folder::run_folder;

/// Declares each test once for each database, `on_sqlite::name` and `on_postgres::name`. The function in front opens
/// the test's fixture by the URL of a new database.
#[macro_export]
macro_rules! on_both_databases {
    ($open:path: $($name:ident),+ $(,)?) => {
        mod on_sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($open($crate::databases::sqlite_url()).await).await;
            }
        )+ }
        mod on_postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(url) = $crate::databases::postgres_url().await else { return };
                super::$name($open(url).await).await;
            }
        )+ }
    };
}

/// The URL of a SQLite file that does not exist yet.
pub fn sqlite_url() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = run_folder().expect("a folder for this run");
    format!("sqlite:{}", folder.join(format!("{}.sqlite", NEXT.fetch_add(1, Ordering::Relaxed))).display())
}

/// A new database on the server of `tests/run`; `None` without a server.
pub async fn postgres_url() -> Option<String> {
    server_setting("SIGNPOST_TEST_POSTGRES_URL")?;
    let server = Postgres::shared().expect("the URL is set");
    Some(server.fresh_database("service").await.expect("a new database"))
}

/// A setting of `tests/run`; `None`, with a message, where it is missing. In CI a missing one fails the test.
pub fn server_setting(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        assert!(std::env::var("CI").is_err(), "{variable} is not set: run tests/run");
        eprintln!("server half not run: run tests/run");
    }
    value
}
