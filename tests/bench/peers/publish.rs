//! `bench-publish DATABASE NATS`: the lowest cost of publishing a log. All messages are read and built beforehand,
//! with the same bytes and headers as the relay's; then they are published with the relay's window, and each
//! acknowledgement is awaited.

use std::collections::VecDeque;

use anyhow::{Context, Result, ensure};
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::{HeaderMap, jetstream};
use event_store::bus;
use event_store::log::{Identity, Log, RecordedEvent};
use event_store::sql::Database;

/// Messages in flight, as in the relay.
const WINDOW: usize = 500;
/// Events read at a time.
const PAGE: usize = 1_000;

/// A prepared message.
struct Message {
    subject: String,
    headers: HeaderMap,
    payload: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (database, nats) = arguments.next().zip(arguments.next()).context("usage: bench-publish DATABASE NATS")?;
    let database = Database::open(&database).await?.context("there is no such database")?;
    let log = Log::open(database.clone(), "agents").await?;
    let messages = messages(&log).await?;
    database.close().await;
    let jetstream = jetstream::new(async_nats::connect(nats).await?);
    jetstream.create_stream(event_store::relay::wanted_config(log.identity(), 1)).await?;
    publish(&jetstream, messages).await
}

async fn messages(log: &Log) -> Result<Vec<Message>> {
    let mut messages = Vec::new();
    loop {
        let page = log.read_after(u64::try_from(messages.len())?, PAGE).await?;
        if page.is_empty() {
            return Ok(messages);
        }
        messages.extend(page.into_iter().map(|event| message(event, log.identity())));
    }
}

fn message(event: RecordedEvent, identity: &Identity) -> Message {
    let mut headers = bus::headers(&event.envelope(identity));
    headers.insert(async_nats::header::NATS_EXPECTED_STREAM, identity.stream_name().as_str());
    headers.insert(async_nats::header::NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string().as_str());
    Message { subject: event.subject, headers, payload: event.data }
}

async fn publish(jetstream: &jetstream::Context, messages: Vec<Message>) -> Result<()> {
    let mut flight: VecDeque<PublishAckFuture> = VecDeque::with_capacity(WINDOW);
    let (mut acknowledged, count) = (0, u64::try_from(messages.len())?);
    for message in messages {
        if flight.len() == WINDOW {
            acknowledged = settled(&mut flight, acknowledged).await?;
        }
        let Message { subject, headers, payload } = message;
        flight.push_back(jetstream.publish_with_headers(subject, headers, payload.into()).await?);
    }
    while acknowledged < count {
        acknowledged = settled(&mut flight, acknowledged).await?;
    }
    // The watcher of the stream ends this program.
    std::future::pending().await
}

/// Awaits the oldest acknowledgement; returns the new count.
async fn settled(flight: &mut VecDeque<PublishAckFuture>, acknowledged: u64) -> Result<u64> {
    let ack = flight.pop_front().context("a message is in flight")?.await?;
    ensure!(ack.sequence == acknowledged + 1, "message {} is {}", acknowledged + 1, ack.sequence);
    Ok(ack.sequence)
}
