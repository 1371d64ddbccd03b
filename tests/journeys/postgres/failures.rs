//! A failing database: its cause is reported everywhere, each change is logged once, and the services recover by
//! themselves.

use std::collections::BTreeMap;
use std::time::Instant;

use harness::api::client;
use harness::names::{Rng, person};
use harness::postgres::{execute, query_value};
use harness::process::Process;
use harness::{Api, Context, Journal, Pair, Result, Traffic, Value, check, ensure, eventually, seconds, wait};

harness::on_servers_with!(
    1,
    harness::Setup::own_postgres,
    a_database_that_refuses_connections_is_named_everywhere_and_logged_once,
    services_recover_from_a_database_that_was_read_only,
);

/// Most lines of one message in the log of a process: one for each of its services, and for the end of the failure.
const MOST_LINES_OF_ONE_MESSAGE: usize = 2;

async fn admin(process: &Process) -> Result<Api> {
    Ok(Api::new(client()?, process.ready().await?.get("admin").context("there is no admin port")?, None))
}

/// No process is ready, and each reports the cause.
async fn not_ready_because(pair: &Pair, cause: &str) -> Result<()> {
    for process in pair.processes() {
        let admin = admin(process).await?;
        eventually(seconds(20), async || {
            let body = admin.get("/readyz").send().await?.expect(503)?.json()?;
            ensure!(body.to_string().contains(cause), "the cause is not named: {body}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn a_database_that_refuses_connections_is_named_everywhere_and_logged_once(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    let key = pair.agents(0).add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    let before: Vec<usize> = pair.processes().map(|process| process.lines().len()).collect();
    pair.postgres()?.kill_9()?;
    not_ready_because(&pair, "refused").await?;
    let mut rng = Rng::new(3);
    let begun = Instant::now();
    while begun.elapsed() < seconds(5) {
        let answer = pair.signup(0).sign_up(&key.id, &person(&mut rng, 1)).await?;
        ensure!(answer.status == 503, "{answer}");
        wait::pause().await;
    }
    for command in [&["status"], &["verify"]] {
        let (status, output) = pair.command(command)?;
        ensure!(status == 3 && output.contains("refused"), "{command:?}: {status}: {output}");
    }
    pair.postgres()?.start_again().await?;
    // A process that is not ready gets no requests, so its recovery must not need any.
    for process in pair.processes() {
        let admin = admin(process).await?;
        eventually(seconds(20), async || admin.get("/readyz").send().await?.expect(200)).await?;
    }
    let who = person(&mut rng, 2);
    eventually(seconds(20), async || pair.signup(0).sign_up(&key.id, &who).await?.expect(201)).await?;
    for (process, before) in pair.processes().zip(before) {
        logged_once(&process.lines().split_off(before))?;
    }
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

fn logged_once(lines: &[String]) -> Result<()> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        ensure!(!line.contains("pool timed out"), "the cause is not named: {line}");
        let line: Value = serde_json_line(line)?;
        let fields = &line["fields"];
        *counts.entry(format!("{} {}", fields["message"], fields["dependency"])).or_default() += 1;
    }
    let noise: Vec<_> = counts.iter().filter(|(_, count)| **count > MOST_LINES_OF_ONE_MESSAGE).collect();
    ensure!(noise.is_empty(), "logged again and again: {noise:#?}");
    Ok(())
}

fn serde_json_line(line: &str) -> Result<Value> {
    line.parse().with_context(|| format!("not JSON: {line}"))
}

/// Open connections keep their initial settings.
async fn services_recover_from_a_database_that_was_read_only(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 4).await?;
    for _ in 0..2 {
        let databases = [pair.agents_database()?, pair.signup_database()?];
        for database in databases {
            set_read_only(database, true).await?;
            execute(database, DISCONNECT.to_owned()).await?;
        }
        not_ready_because(&pair, "read-only").await?;
        for database in databases {
            set_read_only(database, false).await?;
        }
        traffic.flows(60).await?;
    }
    let (journal, personal) = traffic.stop().await?;
    let lines = pair.postgres()?.lines()?;
    let aborted: Vec<_> = lines.iter().filter(|line| line.contains("current transaction is aborted")).collect();
    ensure!(aborted.is_empty(), "a connection was used again in a transaction that had failed: {aborted:#?}");
    ensure!(lines.iter().any(|line| line.contains("read-only transaction")), "no process found the database read-only");
    check(&pair, &journal, &personal).await.map(drop)
}

const DISCONNECT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

pub async fn set_read_only(database: &str, read_only: bool) -> Result<()> {
    let name = query_value(database, "current_database()").await?;
    let change =
        if read_only { "SET default_transaction_read_only = on" } else { "RESET default_transaction_read_only" };
    execute(database, format!("BEGIN READ WRITE; ALTER DATABASE {name} {change}; COMMIT")).await
}
