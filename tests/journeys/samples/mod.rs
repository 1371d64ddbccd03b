//! The samples for consumers, each beside a busy pair: killed at random, and what it kept is the log.
//! `SIGNPOST_TEST_SAMPLE_KILLS` says how often.

mod mariadb;
mod node;
mod php;
mod python;
mod questions;
mod rust;
mod shell;
mod webhooks;

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use harness::checker::Logs;
use harness::events::Log;
use harness::names::Rng;
use harness::{Context, Pair, Result, Traffic, bail, ensure, eventually, json, seconds};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A sample's file.
fn sample(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(path)
}

/// A program of which nothing outlives the test.
fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// A file with a new token that may do no more than these scopes say.
async fn token_file(pair: &Pair, scopes: &[&str]) -> Result<PathBuf> {
    let body = json!({"name": "sample", "scopes": scopes});
    let made = pair.agents(0).api.post("/api-tokens").json(&body).expect(201).await?;
    let token = made["token"].as_str().context("no token")?;
    for replica in 0..pair.replicas() {
        let api = pair.signup_api(replica).with_token(Some(token));
        eventually(seconds(10), async || {
            let status = api.get("/api/v1/events?limit=1").send().await?.status;
            ensure!(status != 401, "the token is not known yet");
            Ok(())
        })
        .await?;
    }
    let path = pair.folder().join("token");
    std::fs::write(&path, format!("{token}\n"))?;
    Ok(path)
}

/// How often a sample is killed.
fn kills() -> Result<usize> {
    Ok(std::env::var("SIGNPOST_TEST_SAMPLE_KILLS").map_or(Ok(4), |text| text.parse())?)
}

/// Runs the sample while signups come in and kills it, each time within a random part of `longest`.
async fn killed_at_random(pair: &Pair, longest: Duration, start: impl Fn() -> Result<Child>) -> Result<()> {
    let kills = kills()?;
    let mut rng = Rng::new(23);
    let traffic = Traffic::start(pair, 2).await?;
    for _ in 0..kills {
        let life = Duration::from_millis(rng.roll() % u64::try_from(longest.as_millis())?);
        let mut child = start()?;
        match timeout(life, child.wait()).await {
            Ok(status) => bail!("the sample ended by itself: {}", status?),
            Err(_) => child.kill().await?,
        }
    }
    traffic.stop().await?;
    println!("killed {kills} times");
    Ok(())
}

/// Lets a sample that keeps lines in a file catch up behind a line that it did not write to its end, and compares the
/// file with the log.
async fn file_is_the_log(file: &Path, log: &Log, start: impl Fn() -> Result<Child>) -> Result<()> {
    leave_half_a_line(file)?;
    let mut child = start()?;
    has_lines(file, log.events.len()).await?;
    child.kill().await?;
    is_the_log(&lines(file)?, &log.events.iter().map(|event| event.line.clone()).collect::<Vec<_>>())
}

/// Waits until the file has so many lines, and no part of another.
async fn has_lines(file: &Path, count: usize) -> Result<()> {
    eventually(seconds(60), async || {
        let found = lines(file)?.len();
        ensure!(found >= count && std::fs::read(file)?.ends_with(b"\n"), "{found} of {count} events are kept");
        Ok(())
    })
    .await
}

fn lines(file: &Path) -> Result<Vec<String>> {
    Ok(std::fs::read_to_string(file)?.lines().map(str::to_owned).collect())
}

/// What a kill leaves in the middle of a write.
fn leave_half_a_line(file: &Path) -> Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    Ok(file.write_all(b"{\"actor\":\"system\",\"comm")?)
}

/// Every position once, in order.
fn is_the_log(kept: &[String], log: &[String]) -> Result<()> {
    if let Some(at) = kept.iter().zip(log).position(|(kept, line)| kept != line) {
        bail!("behind position {at} this is kept:\n{}\ninstead of\n{}", kept[at], log[at]);
    }
    ensure!(kept.len() == log.len(), "{} are kept, the log has {}", kept.len(), log.len());
    ensure!(!log.is_empty(), "the log is empty");
    println!("{} events", log.len());
    Ok(())
}

/// A file with the first event of another log is left alone by a follower, which ends and says why.
async fn ends_where_the_log_is_another(pair: &Pair, mut follower: Command) -> Result<()> {
    let (token, file) = (token_file(pair, &["events:read"]).await?, pair.folder().join("agents.ndjson"));
    let log = Logs::read(pair).await?.agents;
    let of_another = log.events[0].line.replace(&log.log_id, "01900000-0000-7000-8000-000000000000");
    std::fs::write(&file, format!("{of_another}\n"))?;
    follower.arg(pair.agents_api(0).base()).arg(&token).arg(&file).stderr(Stdio::piped());
    let output = timeout(seconds(30), follower.output()).await.context("it follows another log")??;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(1) && message.contains("409"), "{}: {message}", output.status);
    ensure!(std::fs::read_to_string(&file)? == format!("{of_another}\n"), "the file was changed");
    Ok(())
}
