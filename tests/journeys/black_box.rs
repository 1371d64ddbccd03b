//! Outside verification of the logs, by the published documents alone.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use harness::events::{Event, Log};
use harness::names::{Rng, person};
use harness::{Context, Pair, Result, checker::Logs, ensure, json};

harness::on_both_pairs!(
    a_program_written_from_the_published_text_proves_both_logs,
    every_event_that_concerns_an_agent_names_the_agent,
);

async fn a_program_written_from_the_published_text_proves_both_logs(pair: Pair) -> Result<()> {
    let vectors = std::fs::read_to_string(schemas()?.join("hash_chain.ndjson"))?;
    let last = Event::read(vectors.lines().last().context("there are vectors")?)?;
    ensure!(proves(vectors.lines())? == Some(format!("3 {}", last.hash)), "the vectors are not proved");

    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    for number in 0..3 {
        pair.signup(number).sign_up(&key.id, &person(&mut Rng::new(17), number)).await?.expect(201)?;
    }
    let logs = Logs::read(&pair).await?;
    for Log { head, events, .. } in [&logs.agents, &logs.signups] {
        let lines = || events.iter().map(|event| &*event.line);
        let last = events.last().context("the log has events")?;
        ensure!(proves(lines())? == Some(format!("{head} {}", last.hash)), "a log is not proved: {events:?}");
        ensure!(proves(lines().skip(1))?.is_none(), "a log without its first event is proved");
        let forged = last.line.replace("\"data\":{", "\"data\":{ ");
        let with_forged = lines().take(events.len() - 1).chain([&*forged]);
        ensure!(proves(with_forged)?.is_none(), "a log with another last event is proved");
    }
    Ok(())
}

/// The verifier's output for a log, if it succeeds.
fn proves<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Option<String>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(python()?);
    command.arg(tests.join("black_box/verify_log.py"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    // The verifier may end at a fault before it has read everything.
    let _ = std::io::Write::write_all(&mut child.stdin.take().context("piped")?, text.as_bytes());
    let output = child.wait_with_output()?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

async fn every_event_that_concerns_an_agent_names_the_agent(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    for action in ["pause", "resume", "revoke"] {
        operator.api.post(&format!("/signup-keys/{}/{action}", key.id)).json(&json!({})).expect(200).await?;
    }
    let group = format!("/groups/{}", seller.group);
    for change in [json!({ "description": "Told" }), json!({ "agent_id": null }), json!({ "description": "Nobody's" })]
    {
        operator.api.patch(&group).json(&change).expect(200).await?;
    }
    let message = json!({ "text": "How are sales?" });
    operator.api.post(&format!("/agents/{}/messages", seller.agent)).json(&message).expect(201).await?;
    let logs = Logs::read(&pair).await?;
    let mut named = Vec::new();
    for event in &logs.agents.events {
        let whole: serde_json::Value = serde_json::from_str(&event.line)?;
        if whole["agentid"] == seller.agent {
            named.push(event.name());
        }
    }
    let expected = [
        "agent_created",
        "call_plan_granted",
        "group_assigned",
        "signup_key_added",
        "signup_key_paused",
        "signup_key_resumed",
        "signup_key_revoked",
        "group_changed",
        "group_released",
        "message_posted",
    ];
    ensure!(named == expected, "these events name the agent: {named:?}");
    Ok(())
}

/// The Python interpreter with the packages of the outside programs.
pub fn python() -> Result<std::ffi::OsString> {
    std::env::var_os("SIGNPOST_TEST_PYTHON").context("SIGNPOST_TEST_PYTHON is not set")
}

/// The folder of the published schemas.
pub fn schemas() -> Result<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(tests.parent().context("the tests lie in the project")?.join("shared/contract/schemas"))
}
