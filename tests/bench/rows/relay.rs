//! `relay`: a long log and an empty stream. The agents-service's speed of publishing its log, beside a program that
//! publishes the same prepared messages through the same client with the same window, and awaits all
//! acknowledgements.

use anyhow::{Result, ensure};
use async_nats::jetstream;
use harness::postgres;
use harness::process::Process;

use crate::fixture::{Fixture, STREAM, end};
use crate::measure::{Slice, alternate};
use crate::order::Order;
use crate::passage::{last_sequence, watch};
use crate::seed;
use crate::table::{Finding, Line};
use crate::usage::Memory;

const WANTED: f64 = 0.85;

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let fixture = Fixture::start("bench-relay", order).await?;
    let (database, head) = fixture.seeded(order.events).await?;
    let (opened, log) = seed::open(&database).await?;
    let hash = log.head().await?.hash.to_string();
    opened.close().await;
    let jetstream = fixture.nats.jetstream().await?;
    let mut memory = None;
    let ours = async || {
        empty(&jetstream).await?;
        // A relay whose log was published before waits for an operator when its stream is missing.
        postgres::execute(&database, "UPDATE log_head SET published = FALSE".to_owned()).await?;
        let process = fixture.agents_service(&database, true)?;
        let slice = publishes("relay, ours, events", &jetstream, &process, head, &hash).await?;
        memory = process.id().map(Memory::of);
        end(&process)?;
        Ok(slice)
    };
    let peer = async || {
        empty(&jetstream).await?;
        let process = fixture.peer("bench-publish", &[&database, fixture.nats.url()])?;
        let slice = publishes("relay, peer, events", &jetstream, &process, head, &hash).await?;
        end(&process)?;
        Ok(slice)
    };
    let turns = alternate(order.turns, ours, peer).await?;
    let line = Line {
        what: format!("relay of {head} events"),
        peer: "raw publish".to_owned(),
        turns,
        wanted: WANTED,
        wanted_p99: None,
        memory,
        notes: vec!["from the first message in the stream to the last; the log is read from PostgreSQL".to_owned()],
    };
    Ok(vec![line.into()])
}

async fn empty(jetstream: &jetstream::Context) -> Result<()> {
    if jetstream.get_stream(STREAM).await.is_ok() {
        jetstream.delete_stream(STREAM).await?;
    }
    Ok(())
}

/// Waits until a process fills the stream, and checks the last message and the number of messages.
async fn publishes(
    what: &str,
    jetstream: &jetstream::Context,
    process: &Process,
    head: u64,
    hash: &str,
) -> Result<Slice> {
    let slice = watch(what, process, head, async || Ok(last_sequence(jetstream, STREAM).await)).await?;
    let stream = jetstream.get_stream(STREAM).await?;
    ensure!(stream.cached_info().state.messages == head, "{what}: messages are missing");
    let last = stream.get_raw_message(head).await?;
    let found = last.headers.get("ce-hash").map(async_nats::HeaderValue::as_str);
    // The hash covers all events before it.
    ensure!(found == Some(hash), "{what}: the last message is not the last event");
    Ok(slice)
}
