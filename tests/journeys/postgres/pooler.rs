//! The whole pair behind `PgBouncer` in transaction mode, with few connections to the server.

use harness::postgres::query_value;
use harness::{Journal, Pair, Result, Traffic, check, ensure};

/// Startup parameters are refused, which is `PgBouncer`'s default.
mod strict {
    use super::*;
    harness::on_servers_with!(
        2,
        harness::Setup::pooled,
        kills_behind_a_pooler_lose_and_double_nothing,
        commands_work_through_a_pooler
    );
}

/// Startup parameters are dropped.
mod lenient {
    use super::*;
    harness::on_servers_with!(
        2,
        harness::Setup::pooled_and_lenient,
        kills_behind_a_pooler_lose_and_double_nothing,
        commands_work_through_a_pooler
    );
}

const REBUILDS: [&[&str]; 5] = [
    &["rebuild", "directory"],
    &["rebuild", "sales"],
    &["rebuild", "keys"],
    &["rebuild", "decisions"],
    &["rebuild", "key-usage"],
];
const SESSION_LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";

async fn kills_behind_a_pooler_lose_and_double_nothing(pair: Pair) -> Result<()> {
    for process in pair.processes() {
        let output =
            process.lines().into_iter().filter(|line| line.contains("a connection pooler stands before PostgreSQL"));
        ensure!(output.count() == 1, "not exactly one line reports the pooler: {:#?}", process.lines());
    }
    let traffic = Traffic::start(&pair, 12).await?;
    for round in 0..2 {
        for process in [pair.agents_process(round), pair.signup_process(round)] {
            traffic.flows(30).await?;
            process.kill_9()?;
            process.start_again()?;
            process.ready().await?;
        }
        traffic.flows(30).await?;
        pair.pgbouncer()?.kill_9()?;
        pair.pgbouncer()?.start_again().await?;
        traffic.flows(30).await?;
        pair.postgres()?.kill_9()?;
        pair.postgres()?.start_again().await?;
    }
    traffic.flows(60).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    leaves_nothing_behind(&pair).await
}

async fn commands_work_through_a_pooler(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    for rebuild in REBUILDS {
        succeeds(&pair, rebuild).await?;
        traffic.flows(20).await?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    for command in [&["verify"][..], &["status"], &["parked"], &["migrate"], &["export", "signups"]] {
        succeeds(&pair, command).await?;
    }
    check(&pair, &Journal::default(), &[]).await?;
    leaves_nothing_behind(&pair).await
}

async fn succeeds(pair: &Pair, command: &'static [&'static str]) -> Result<()> {
    let line = pair.command_line()?;
    let (status, output) = tokio::task::spawn_blocking(move || line.run(command)).await??;
    ensure!(status == 0, "{command:?} ended with {status}:\n{output}");
    ensure!(!output.contains("prepared statement"), "{command:?}:\n{output}");
    Ok(())
}

/// No session lock remains, and no client met another client's prepared statement.
async fn leaves_nothing_behind(pair: &Pair) -> Result<()> {
    let locks = query_value(pair.agents_database()?, SESSION_LOCKS).await?;
    ensure!(locks == "0", "{locks} advisory locks are left");
    let lines = [pair.lines(), pair.postgres()?.lines()?, pair.pgbouncer()?.lines()].concat();
    let offenders: Vec<_> = lines.iter().filter(|line| line.contains("prepared statement \"")).collect();
    ensure!(offenders.is_empty(), "{offenders:#?}");
    Ok(())
}
