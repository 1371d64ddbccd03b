//! `samples/webhooks`: the official libraries of Python and JavaScript accept what webhooks are signed with.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use harness::api::client;
use harness::checker::Logs;
use harness::events::head;
use harness::names::{Rng, person};
use harness::operator::Made;
use harness::pair::run;
use harness::ports::free_port;
use harness::{Api, Context, Pair, Result, Setup, ensure, eventually, json, seconds};
use tokio::process::{Child, Command};

use super::{has_lines, is_the_log, kills, leave_half_a_line, lines, program, sample};
use crate::black_box::python;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_in_python_that_is_killed_keeps_every_event_once() -> Result<()> {
    let receiver = |_: &Pair| {
        let mut receiver = program(python()?);
        receiver.arg(sample("webhooks/receiver.py"));
        Ok(receiver)
    };
    run(setup("samples::webhooks::python"), async |pair| keeps_what_is_signed(&pair, receiver).await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_in_node_that_is_killed_keeps_every_event_once() -> Result<()> {
    let receiver = |pair: &Pair| {
        let mut receiver = program("node");
        receiver.arg(beside_its_packages(pair.folder())?);
        Ok(receiver)
    };
    run(setup("samples::webhooks::node"), async |pair| keeps_what_is_signed(&pair, receiver).await).await
}

pub fn setup(journey: &'static str) -> Setup {
    Setup::embedded(journey).with("SIGNPOST_WEBHOOK_ALLOW_PRIVATE", "on")
}

/// The receiver in a folder with its packages, where Node looks for them.
fn beside_its_packages(folder: &Path) -> Result<PathBuf> {
    let packages = std::env::var_os("SIGNPOST_TEST_NODE_MODULES").context("SIGNPOST_TEST_NODE_MODULES is not set")?;
    let receiver = folder.join("receiver.mjs");
    std::fs::copy(sample("webhooks/receiver.mjs"), &receiver)?;
    if !folder.join("node_modules").exists() {
        std::os::unix::fs::symlink(packages, folder.join("node_modules"))?;
    }
    Ok(receiver)
}

/// Adds an endpoint at a port of loopback; the answer has its secret.
pub async fn endpoint(pair: &Pair, port: u16) -> Result<Made> {
    let body = json!({"url": format!("http://127.0.0.1:{port}/"), "logs": ["signups"]});
    let answer = pair.agents(0).api.post("/webhooks").json(&body).send().await?.expect(201)?;
    let body = answer.json()?;
    Ok(Made { id: body["id"].as_str().context("no id")?.to_owned(), position: answer.position()?, body })
}

/// Signs one person up.
async fn sign_up(pair: &Pair, key: &str, number: usize) -> Result<()> {
    pair.signup(0).sign_up(key, &person(&mut Rng::new(31), number)).await?.expect(201).map(drop)
}

async fn keeps_what_is_signed(pair: &Pair, receiver: impl Fn(&Pair) -> Result<Command>) -> Result<()> {
    let (port, file) = (free_port()?, pair.folder().join("events.ndjson"));
    let made = endpoint(pair, port).await?;
    let secret = made.body["secret"].as_str().context("no secret")?;
    let start = || -> Result<Child> {
        let mut receiver = receiver(pair)?;
        // Python tells of each request.
        receiver.arg(port.to_string()).arg(&file).stderr(Stdio::null());
        Ok(receiver.env("WEBHOOK_SECRET", secret).spawn()?)
    };
    let (seller, mut child, mut count) = (pair.agents(0).add_seller().await?, start()?, 0);
    let key = pair.agents(0).add_key(&seller).await?;
    pair.signup(0).usable_within(seconds(10), &key.id).await?;
    for _ in 0..=kills()? / 2 {
        for _ in 0..3 {
            sign_up(pair, &key.id, count).await?;
            count += 1;
        }
        // Killed while events come. What was not acknowledged comes again five seconds later.
        child.kill().await?;
        leave_half_a_line(&file)?;
        child = start()?;
        has_lines(&file, count).await?;
        everything_is_acknowledged(pair, &made.id).await?;
    }
    is_the_log(&lines(&file)?, &published(pair).await?)?;
    a_stranger_is_refused(port).await?;
    a_test_event_is_taken(pair, &made.id).await?;
    let replay = json!({"log": "signups", "after": 0});
    pair.agents(0).api.post(&format!("/webhooks/{}/replay", made.id)).json(&replay).expect(200).await?;
    everything_is_acknowledged(pair, &made.id).await?;
    is_the_log(&lines(&file)?, &published(pair).await?)
}

/// Waits until the endpoint is at the end of the log. An event that is kept may come again, if its answer was lost; a
/// second failure in a row would delay it for minutes.
pub async fn everything_is_acknowledged(pair: &Pair, endpoint: &str) -> Result<()> {
    eventually(seconds(60), async || {
        let head = head(&pair.signup_api(0).get("/api/v1/events?limit=1").send().await?.expect(200)?)?;
        let found = pair.agents(0).api.get(&format!("/webhooks/{endpoint}")).expect(200).await?;
        let position = &found["cursors"][0]["position"];
        ensure!(*position == head, "the endpoint is at {position} of {head}");
        Ok(())
    })
    .await
}

async fn published(pair: &Pair) -> Result<Vec<String>> {
    Ok(Logs::read(pair).await?.signups.events.iter().map(|event| event.line.clone()).collect())
}

/// It is in no log, so it is not kept.
pub async fn a_test_event_is_taken(pair: &Pair, endpoint: &str) -> Result<()> {
    let tested = pair.agents(0).api.post(&format!("/webhooks/{endpoint}/test")).json(&json!({})).expect(200).await?;
    ensure!(tested["delivered"] == true, "the test event was not taken: {tested}");
    Ok(())
}

/// A signature of nobody who knows the secret.
#[allow(clippy::disallowed_methods, reason = "receivers compare the time of a signature with the clock")]
pub async fn a_stranger_is_refused(port: u16) -> Result<()> {
    let api = Api::new(client()?, &format!("http://127.0.0.1:{port}"), None);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs().to_string();
    let call =
        api.post("/").raw("application/json", "{}").header("webhook-id", "01900000").header("webhook-timestamp", &now);
    call.header("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=")
        .send()
        .await?
        .expect(401)
        .map(drop)
}
