//! `signpost repair` of a stream with foreign messages: it saves them, then creates the stream again.

use std::path::PathBuf;

use async_nats::{HeaderMap, jetstream};
use harness::{Context, Pair, Result, Traffic, Value, check, ensure, eventually, json, seconds, stream};

use super::relay::{goes_on, has_halted};

harness::on_servers!(
    a_foreign_message_in_the_middle_is_saved_and_the_stream_created_again,
    a_foreign_message_at_the_end_is_saved_and_an_earlier_file_kept,
    a_stream_with_other_limits_is_refused_and_corrected,
);

/// Publishes a foreign message; returns its sequence.
async fn publish_foreign(jetstream: &jetstream::Context, subject: &str) -> Result<u64> {
    let mut headers = HeaderMap::new();
    headers.append("Origin", "a stranger");
    headers.append("Origin", "twice");
    let sent = jetstream.publish_with_headers(subject.to_owned(), headers, "not an event".into()).await?;
    Ok(sent.await?.sequence)
}

/// The lines of the file that repair has written.
fn saved(pair: &Pair, output: &str) -> Result<(PathBuf, Vec<Value>)> {
    let path = output.lines().find_map(|line| line.split(" saved to ").nth(1)).context("repair names no file")?;
    let path = pair.folder().join(path);
    let text = std::fs::read_to_string(&path).with_context(|| format!("no file {}", path.display()))?;
    let lines = text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    Ok((path, lines))
}

fn is_the_foreign_message(line: &Value, sequence: u64) -> Result<()> {
    let expected = json!({
        "sequence": sequence, "subject": "agents.v1.agent.agent_created.stranger",
        "headers": {"Origin": ["a stranger", "twice"]}, "data": "not an event",
    });
    ensure!(*line == expected, "saved was {line}, expected {expected}");
    Ok(())
}

const SUBJECT: &str = "agents.v1.agent.agent_created.stranger";

async fn a_foreign_message_in_the_middle_is_saved_and_the_stream_created_again(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    let jetstream = pair.nats()?.jetstream().await?;
    let place = publish_foreign(&jetstream, SUBJECT).await?;
    traffic.flows(10).await?;
    let (journal, personal) = traffic.stop().await?;
    has_halted(&pair, &format!("message {place} of stream AGENTS is not event {place} of the log")).await?;
    let (status, output) = pair.command(&["verify"])?;
    ensure!(
        status == 1 && output.contains(&format!("message {place} of stream AGENTS")),
        "verify ended with {status}:\n{output}"
    );
    let (status, output) = pair.command(&["repair"])?;
    ensure!(
        status == 1 && output.contains(&format!("message {place} of stream AGENTS")),
        "repair ended with {status}:\n{output}"
    );
    let (status, output) = pair.command(&["repair", "--yes"])?;
    ensure!(status == 0, "repair ended with {status}:\n{output}");
    let (_, lines) = saved(&pair, &output)?;
    ensure!(lines.len() == 1, "only the foreign message was to be saved: {lines:?}");
    is_the_foreign_message(&lines[0], place)?;
    check(&pair, &journal, &personal).await?;
    goes_on(&pair).await
}

async fn a_foreign_message_at_the_end_is_saved_and_an_earlier_file_kept(pair: Pair) -> Result<()> {
    let jetstream = pair.nats()?.jetstream().await?;
    let mut files = Vec::new();
    for _ in 0..2 {
        check(&pair, &harness::Journal::default(), &[]).await?;
        let place = publish_foreign(&jetstream, SUBJECT).await?;
        has_halted(&pair, &format!("message {place} of stream AGENTS is not event {place} of the log")).await?;
        let (status, output) = pair.command(&["repair", "--yes"])?;
        ensure!(status == 0, "repair ended with {status}:\n{output}");
        let (path, lines) = saved(&pair, &output)?;
        is_the_foreign_message(lines.first().context("the file is empty")?, place)?;
        files.push(path);
        goes_on(&pair).await?;
    }
    ensure!(files[0] != files[1] && files[0].is_file(), "the earlier file is gone: {files:?}");
    Ok(())
}

async fn a_stream_with_other_limits_is_refused_and_corrected(pair: Pair) -> Result<()> {
    let jetstream = pair.nats()?.jetstream().await?;
    let mut config = jetstream.get_stream("AGENTS").await?.cached_info().config.clone();
    config.max_age = seconds(3_600);
    config.subjects.push("other.>".to_owned());
    jetstream.update_stream(config).await?;
    let faults = "subjects is agents.v1.> other.>, wanted agents.v1.>; max_age is 3600s, wanted unlimited";
    has_halted(&pair, faults).await?;
    let (status, output) = pair.command(&["repair", "--yes"])?;
    ensure!(status == 0 && output.contains("its configuration is corrected"), "repair ended with {status}:\n{output}");
    goes_on(&pair).await?;
    eventually(seconds(20), async || {
        let config = jetstream.get_stream("AGENTS").await?.cached_info().config.clone();
        ensure!(config.max_age.is_zero(), "the limit is still there");
        ensure!(stream::last_sequence(&jetstream, "AGENTS").await? > 0, "the messages are gone");
        Ok(())
    })
    .await
}
