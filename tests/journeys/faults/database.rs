//! Faults of the database server.

use harness::{Pair, Result, Traffic, check};

harness::on_servers_with!(2, harness::Setup::own_postgres, a_killed_postgresql_loses_and_doubles_nothing);

async fn a_killed_postgresql_loses_and_doubles_nothing(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 12).await?;
    for _ in 0..3 {
        traffic.flows(60).await?;
        pair.postgres()?.kill_9()?;
        pair.postgres()?.start_again().await?;
    }
    traffic.flows(60).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}
