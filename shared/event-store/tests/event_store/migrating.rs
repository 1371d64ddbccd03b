use std::time::Duration;

use event_store::health::with_causes;
use event_store::sql::{Migration, MigrationError, SqlError};

const LIMIT: Duration = Duration::from_millis(300);
const LATER: Migration =
    Migration { version: 9_001, name: "later", text: "CREATE TABLE later (id BIGINT NOT NULL);\n" };

#[tokio::test]
async fn the_wait_for_another_process_that_migrates_ends_with_an_error() {
    let Some(url) = harness::databases::postgres_url().await else { return };
    let database = crate::fixture::open(url).await;
    let migrations = [crate::fixture::migrations(), vec![LATER]].concat();
    let held = database.begin_to_migrate(LIMIT).await.unwrap();
    let error = database.with_own_writer().migrate_within(LIMIT, &migrations).await.unwrap_err();
    assert!(matches!(error, SqlError::Migration(MigrationError::Locked(LIMIT))), "{}", with_causes(&error));
    assert!(with_causes(&error).contains("another process has been migrating"), "{}", with_causes(&error));
    drop(held);
    database.migrate_within(LIMIT * 20, &migrations).await.unwrap();
}
