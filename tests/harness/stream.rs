//! A JetStream stream as an outside consumer reads it, compared with its log.

use anyhow::{Context, Result, ensure};
use async_nats::HeaderMap;
use async_nats::jetstream::{self, Message, consumer::pull};
use futures::StreamExt;

use crate::events::{Event, Log};
use crate::wait::{eventually, seconds};

/// Waits until the stream has caught up with the log, then compares them message by message.
pub async fn equals(jetstream: &jetstream::Context, name: &str, log: &Log) -> Result<()> {
    catches_up(jetstream, name, log.head).await?;
    if log.head == 0 {
        return Ok(());
    }
    let stream = jetstream.get_stream(name).await?;
    let config = pull::OrderedConfig { deliver_policy: jetstream::consumer::DeliverPolicy::All, ..Default::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    for event in &log.events {
        let message = tokio::time::timeout(seconds(10), messages.next()).await;
        let message = message.with_context(|| format!("{name} ends before {}", event.sequence))?;
        let message = message.with_context(|| format!("{name} was closed"))??;
        same(&message, event).with_context(|| format!("{name} differs from its log at {}", event.sequence))?;
    }
    Ok(())
}

/// Waits until the stream's last sequence number is this position.
pub async fn catches_up(jetstream: &jetstream::Context, name: &str, head: u64) -> Result<()> {
    eventually(seconds(60), async || {
        let last = last_sequence(jetstream, name).await?;
        ensure!(last >= head, "{name} ends at {last}, the log at {head}");
        Ok(())
    })
    .await
}

pub async fn last_sequence(jetstream: &jetstream::Context, name: &str) -> Result<u64> {
    Ok(jetstream.get_stream(name).await?.cached_info().state.last_sequence)
}

fn same(message: &Message, event: &Event) -> Result<()> {
    let info = message.info().map_err(|error| anyhow::anyhow!("{error}"))?;
    ensure!(info.stream_sequence == event.position()?, "it is message {}", info.stream_sequence);
    ensure!(message.subject.as_str() == event.subject, "the subject is {}", message.subject);
    ensure!(message.payload == event.raw_data.get().as_bytes(), "the data differ");
    let headers = message.headers.as_ref().context("it has no headers")?;
    let expected = [
        ("ce-id", &event.id),
        ("ce-source", &event.source),
        ("ce-type", &event.kind),
        ("ce-time", &event.time),
        ("ce-subject", &event.subject),
        ("ce-dataschema", &event.dataschema),
        ("ce-sequence", &event.sequence),
        ("ce-hash", &event.hash),
        ("ce-command", &event.command),
        ("ce-logid", &event.log_id),
        ("ce-streamversion", &event.stream_version),
    ];
    for (name, value) in expected {
        ensure!(text(headers, name) == value, "the header {name} is {:?}, expected {value:?}", text(headers, name));
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(async_nats::HeaderValue::as_str).unwrap_or_default()
}
