//! The data of a promoted standby, which the runs with several servers depend on.

use harness::pair::servers_are_here;
use harness::postgres::{Postgres, execute, query_value};
use harness::{Result, ensure};

const COUNT: &str = "SELECT count(*) FROM notes";

#[tokio::test]
async fn a_promoted_standby_has_all_that_it_received_and_nothing_else() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let primary = Postgres::private("postgres::standby").await?;
    let (one, other) = (primary.standby(true).await?, primary.fresh_database("notes").await?);
    let on_standby = other.replacen(&primary.port()?.to_string(), &one.port()?.to_string(), 1);
    execute(&other, "CREATE TABLE notes (id BIGINT); INSERT INTO notes VALUES (1)".to_owned()).await?;
    ensure!(execute(&on_standby, "INSERT INTO notes VALUES (2)".to_owned()).await.is_err(), "a standby takes writes");
    one.stop_receiving().await?;
    execute(&other, "SET synchronous_commit = local; INSERT INTO notes VALUES (3)".to_owned()).await?;
    primary.kill_9()?;
    one.promote().await?;
    ensure!(query_value(&on_standby, COUNT).await? == "1", "the standby has another number of notes");
    primary.return_as_standby_of(&one).await?;
    ensure!(query_value(&other, "SELECT pg_is_in_recovery()").await? == "true", "the old server takes writes");
    ensure!(query_value(&other, COUNT).await? == "1", "the old server kept what its successor never had");
    Ok(())
}
