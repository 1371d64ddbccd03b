//! `samples/python/follow.py`

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use harness::checker::streams_have_all;
use harness::events::Log;
use harness::{Pair, Result, ensure};
use tokio::process::Command;

use super::{is_the_log, killed_at_random, program, sample};
use crate::black_box::python;

harness::on_servers!(a_follower_in_python_that_is_killed_keeps_every_event_once);

/// The follower of a pair's streams.
pub fn follower(pair: &Pair, database: &Path) -> Result<Command> {
    let mut follower = program(python()?);
    follower.arg(sample("python/follow.py")).arg(database).env("NATS_URL", pair.nats()?.url());
    Ok(follower)
}

/// The answer to a question: the lines behind the names of the columns.
pub async fn ask(database: &Path, question: &Path, variable: &str) -> Result<Vec<String>> {
    let mut asking = program(python()?);
    asking.arg(sample("python/ask.py")).arg(database).arg(question).arg(variable);
    let output = asking.stdout(Stdio::piped()).stderr(Stdio::piped()).output().await?;
    ensure!(output.status.success(), "{}: {}", question.display(), String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().skip(1).map(str::to_owned).collect())
}

async fn a_follower_in_python_that_is_killed_keeps_every_event_once(pair: Pair) -> Result<()> {
    let database = pair.folder().join("events.duckdb");
    let start = || Ok(follower(&pair, &database)?.spawn()?);
    killed_at_random(&pair, Duration::from_millis(2_500), start).await?;
    let logs = streams_have_all(&pair).await?;
    let status = follower(&pair, &database)?.arg("--once").status().await?;
    ensure!(status.success(), "it did not catch up: {status}");
    for (name, log) in [("AGENTS", &logs.agents), ("SIGNUPS", &logs.signups)] {
        let kept = ask(&database, &kept_events(), &format!("log={name}")).await?;
        // Each line is one value in quotes, with the quotes in it doubled.
        let kept: Vec<_> = kept.iter().map(|line| line.trim_matches('"').replace("\"\"", "\"")).collect();
        is_the_log(&kept, &lines(log))?;
    }
    ends_where_the_log_is_another(&pair, &database).await
}

/// A place that the log does not have.
async fn ends_where_the_log_is_another(pair: &Pair, database: &Path) -> Result<()> {
    let forge = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute(\"UPDATE events SET hash = 'another'\")";
    let status = program(python()?).args(["-c", forge]).arg(database).status().await?;
    ensure!(status.success(), "the kept events could not be changed");
    let output = follower(pair, database)?.arg("--once").stderr(Stdio::piped()).output().await?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success() && message.contains("is another event"), "{}: {message}", output.status);
    Ok(())
}

/// A question for all events of a log.
pub fn kept_events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("black_box/kept_events.sql")
}

/// What `kept_events.sql` shows of each event.
fn lines(log: &Log) -> Vec<String> {
    let line = |event: &harness::events::Event| {
        let number = event.sequence.trim_start_matches('0');
        format!("{number} {} {} {} {}", event.kind, event.actor, event.hash, event.raw_data.get())
    };
    log.events.iter().map(line).collect()
}
