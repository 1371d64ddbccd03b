//! The commands: which of them create data, what they refuse, and their exit codes.

mod operators;
mod read_only;
mod refusals;
mod verify_feed;

use harness::binaries::{AGENTS_SERVICE, SIGNUP_SERVICE, STANDALONE};
use harness::pair::servers_are_here;
use harness::postgres::{Postgres, execute};
use harness::{Pair, Result, SingleService, ensure};

harness::on_both_pairs!(status_shows_logs_projections_streams_and_the_process);

/// Commands that only read, and must leave no data behind.
const LOOKING: [&[&str]; 6] =
    [&["verify"], &["rebuild", "keys"], &["parked"], &["export", "agents"], &["status"], &["healthcheck"]];

#[test]
fn a_command_that_looks_at_data_creates_none() -> Result<()> {
    for arguments in LOOKING {
        let alone = SingleService::new(STANDALONE, &[("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:1")])?;
        let (status, output) = alone.run(arguments)?;
        ensure!(status != 0, "{arguments:?} found no database and succeeded: {output}");
        if !matches!(arguments[0], "status" | "healthcheck") {
            ensure!(status == 2 && output.contains("signpost migrate"), "{arguments:?}: {status}: {output}");
        }
        ensure!(std::fs::read_dir(alone.folder())?.next().is_none(), "{arguments:?} left something behind");
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_postgresql_database_is_refused_and_stays_empty() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let postgres = Postgres::shared()?;
    let (agents, signups) = (postgres.fresh_database("agents").await?, postgres.fresh_database("signups").await?);
    let alone = SingleService::new(STANDALONE, &[("SIGNPOST_AGENTS_DATABASE_URL", &agents)])?;
    let alone = alone.with("SIGNPOST_SIGNUP_DATABASE_URL", &signups);
    let (status, output) = alone.run(&["verify"])?;
    ensure!(status == 2 && output.contains("signpost migrate"), "{status}: {output}");
    // Creating a table of this name fails where there is one.
    execute(&agents, "CREATE TABLE log_head (id BIGINT); DROP TABLE log_head".to_owned()).await?;
    let missing = SingleService::new(STANDALONE, &[("SIGNPOST_AGENTS_DATABASE_URL", &format!("{agents}_missing"))])?;
    let (status, output) = missing.run(&["verify"])?;
    ensure!(status == 2 && output.contains("there is no database"), "{status}: {output}");
    let (status, output) = alone.run(&["migrate"])?;
    ensure!(status == 0, "{output}");
    let (status, output) = alone.run(&["verify"])?;
    ensure!(status == 0 && output.contains("verified"), "{status}: {output}");
    Ok(())
}

#[test]
fn migrate_creates_what_the_other_commands_open() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:1")])?;
    let (status, output) = alone.run(&["migrate"])?;
    ensure!(status == 0 && output.contains("agents: ") && output.contains("signups: "), "{status}: {output}");
    let (status, verified) = alone.json(&["verify"])?;
    ensure!(status == 0 && verified["verified"] == true, "{status}: {verified}");
    let (status, parked) = alone.json(&["parked"])?;
    ensure!(status == 0 && parked["parked"] == harness::json!([]), "{status}: {parked}");
    for program in [AGENTS_SERVICE, SIGNUP_SERVICE] {
        let url = format!("sqlite:{}/data/alone.sqlite", alone.folder().display());
        let service =
            SingleService::new(program, &[("SIGNPOST_DATABASE_URL", &url), ("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:1")])?;
        let service = service
            .with("SIGNPOST_AGENTS_URL", "http://127.0.0.1:1")
            .with("SIGNPOST_SERVICE_TOKEN", "0123456789abcdef");
        let (status, output) = service.run(&["status"])?;
        ensure!(status == 1 && output.contains("there is no database"), "{program}: {status}: {output}");
        let (status, output) = service.run(&["migrate"])?;
        ensure!(status == 0, "{program}: {status}: {output}");
        let (status, output) = service.json(&["status"])?;
        ensure!(status == 0 && output["services"][0]["log"]["position"] == 0, "{program}: {status}: {output}");
        std::fs::remove_file(alone.folder().join("data/alone.sqlite"))?;
    }
    Ok(())
}

#[test]
fn every_program_names_its_version_and_lists_the_settings() -> Result<()> {
    for program in [STANDALONE, AGENTS_SERVICE, SIGNUP_SERVICE] {
        let alone = SingleService::new(program, &[])?;
        let (status, output) = alone.run(&["--version"])?;
        ensure!(status == 0 && output.contains("commit ") && output.contains("schema "), "{program}: {output}");
        let (status, output) = alone.run(&["--help"])?;
        for word in ["migrate", "status", "config", "healthcheck", "SIGNPOST_SERVICE_TOKEN", "127.0.0.1:9090", "_FILE"]
        {
            ensure!(status == 0 && output.contains(word), "{program}: the help lacks {word}: {output}");
        }
        let (status, output) = alone.run(&["no-such-command"])?;
        ensure!(status == 2, "{program}: {status}: {output}");
    }
    Ok(())
}

async fn status_shows_logs_projections_streams_and_the_process(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    let position = pair.agents(0).add_key(&seller).await?.position;
    let (_, output) = pair.command(&["status", "--json"])?;
    let line = output.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    let status: harness::Value = serde_json::from_str(line)?;
    let [agents, signups] = [&status["services"][0], &status["services"][1]];
    ensure!(agents["log"]["position"].as_u64() >= Some(position), "{agents}");
    ensure!(agents["log"]["hash"].as_str().is_some_and(|hash| hash.len() == 64), "{agents}");
    ensure!(agents["schema"]["state"] == "current", "{agents}");
    let projections = [agents, signups].map(|service| service["projections"].as_array().cloned().unwrap_or_default());
    for projection in projections.iter().flatten() {
        ensure!(projection["lag"].is_u64(), "the lag is unknown: {projection}");
    }
    ensure!(projections.iter().flatten().count() == 4, "{status}");
    ensure!(agents["stream"].is_object() != pair.is_embedded(), "{agents}");
    let (_, text) = pair.command(&["status"])?;
    // The end of a command's connection may be reported late; it is no fault.
    for _ in 0..5 {
        let (_, text) = pair.command(&["status"])?;
        ensure!(!text.contains("was lost"), "the command complains of its own end: {text}");
    }
    for word in ["agents: log ", "signups: projection keys", "process http://"] {
        ensure!(text.contains(word), "{word} is missing: {text}");
    }
    Ok(())
}
