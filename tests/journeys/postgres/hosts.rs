//! A URL with several servers: the one that accepts writes is used, also after it changes.

use std::time::Instant;

use harness::binaries::STANDALONE;
use harness::pair::servers_are_here;
use harness::postgres::Postgres;
use harness::{Pair, Result, Setup, SingleService, Traffic, check, ensure, seconds};

harness::on_servers_with!(
    2,
    super::with_standby,
    services_go_on_with_a_promoted_standby_and_lose_nothing,
    a_server_that_fell_silent_is_given_up_for_its_standby,
);

fn with_standby(setup: Setup) -> Setup {
    setup.with_standby(true)
}

#[tokio::test]
async fn a_first_server_that_is_down_is_passed_over() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let mut alone = SingleService::new(STANDALONE, &[])?;
    for name in ["SIGNPOST_AGENTS_DATABASE_URL", "SIGNPOST_SIGNUP_DATABASE_URL"] {
        let url = Postgres::shared()?.fresh_database("hosts").await?;
        alone = alone.with(name, &url.replacen('@', "@127.0.0.1:1,", 1));
    }
    for name in ["SIGNPOST_ADMIN_LISTEN", "SIGNPOST_AGENTS_LISTEN", "SIGNPOST_SIGNUP_LISTEN"] {
        alone = alone.with(name, "127.0.0.1:0");
    }
    let process = alone.start("postgres-hosts", &["serve"])?;
    process.ready().await?;
    let (status, output) = alone.run(&["verify"])?;
    ensure!(status == 0, "{status}: {output}");
    Ok(())
}

async fn services_go_on_with_a_promoted_standby_and_lose_nothing(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 12).await?;
    traffic.flows(60).await?;
    pair.postgres()?.kill_9()?;
    pair.standby()?.promote().await?;
    let promoted = Instant::now();
    traffic.flows(40).await?;
    ensure!(promoted.elapsed() < seconds(10), "it took the services {:?} to go on", promoted.elapsed());
    pair.postgres()?.return_as_standby_of(pair.standby()?).await?;
    let before = pair.postgres()?.lines()?.len();
    traffic.flows(60).await?;
    for process in [pair.agents_process(0), pair.signup_process(0)] {
        process.restart().await?;
    }
    traffic.flows(60).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    let lines = pair.postgres()?.lines()?.split_off(before);
    let offenders: Vec<_> = lines.iter().filter(|line| line.contains("cannot execute")).collect();
    ensure!(offenders.is_empty(), "a process wrote to the standby: {offenders:#?}");
    Ok(())
}

async fn a_server_that_fell_silent_is_given_up_for_its_standby(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    traffic.flows(40).await?;
    pair.postgres()?.fall_silent()?;
    pair.standby()?.promote().await?;
    let promoted = Instant::now();
    traffic.flows(40).await?;
    // Reads wait for 25 s at most.
    ensure!(promoted.elapsed() < seconds(45), "it took the services {:?} to go on", promoted.elapsed());
    pair.postgres()?.kill_9()?;
    pair.postgres()?.return_as_standby_of(pair.standby()?).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}
