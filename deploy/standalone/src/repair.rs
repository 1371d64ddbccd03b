//! What keeps a relay from publishing, shown first and mended only when asked. Events that the log lost and the stream
//! still has are taken back; otherwise the log is the truth, and the stream is made anew from it. Messages that the log
//! lacks are never deleted before they are in a file.

use anyhow::{Context, bail};
use shared::bus::Bus;
use shared::feed::JetStreamFeed;
use shared::log::{Log, restore};
use shared::relay::{Halt, inspect, remove};
use shared::settings::Settings;
use std::io::Write;

/// What the operator agreed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Consent {
    /// Mend, rather than only say what would be done.
    pub yes: bool,
    /// Where the stream has more than the log, give that up (to a file) instead of taking it back.
    pub from_log: bool,
}

/// Looks at both streams.
pub async fn run(settings: &Settings, consent: Consent) -> anyhow::Result<u8> {
    let Some(url) = &settings.nats_url else { bail!("SIGNPOST_NATS_URL is not set: there is no stream to repair") };
    let bus = crate::connect(url, "repair").await?;
    let (_, agents_log) = agents_service::operate::open_existing(settings).await?;
    let (_, signups_log) = signup_service::operate::open_existing(settings).await?;
    for log in [&agents_log, &signups_log] {
        repair(log, &bus, consent).await?;
    }
    Ok(shared::cli::ALL_WELL)
}

async fn repair(log: &Log, bus: &Bus, consent: Consent) -> anyhow::Result<()> {
    let name = log.identity().stream_name();
    let Some(state) = inspect(log, bus).await? else {
        println!("stream {name}: missing; the relay makes it anew");
        return Ok(());
    };
    let Some(halt) = state.halt else {
        println!("stream {name}: {} messages; nothing to repair", state.messages);
        return Ok(());
    };
    println!("stream {name}: {halt}");
    match halt {
        Halt::Ahead { head, last, .. } if !consent.from_log => take_back(log, bus, head, last, consent.yes).await,
        Halt::Ahead { head, last, .. } => {
            if consent.yes {
                save(log, bus, &name, head, last).await?;
            }
            make_anew(bus, &name, consent.yes).await
        }
        Halt::OldServer { .. } => Ok(()),
        Halt::OtherLog(_) | Halt::Foreign(..) => make_anew(bus, &name, consent.yes).await,
    }
}

/// Appends to the log what only the stream still has.
async fn take_back(log: &Log, bus: &Bus, head: u64, last: u64, yes: bool) -> anyhow::Result<()> {
    let name = log.identity().stream_name();
    if !yes {
        println!("stream {name}: `signpost repair --yes` takes its events {} to {last} back into the log", head + 1);
        return Ok(());
    }
    let mut feed = JetStreamFeed::new(bus.clone(), &name);
    let mut position = head;
    while position < last {
        let page = feed.next(position).await?.events;
        if page.is_empty() {
            bail!("stream {name} cannot be read behind {position}");
        }
        let restored = restore(log, &page).await;
        position = restored.context("the stream tells another history; see `signpost repair --from-log`")?;
    }
    println!("stream {name}: events {} to {last} are back in the log", head + 1);
    Ok(())
}

async fn make_anew(bus: &Bus, name: &str, yes: bool) -> anyhow::Result<()> {
    if !yes {
        println!("stream {name}: with --yes it is deleted, and the relay makes it anew from the log");
        return Ok(());
    }
    remove(bus, name).await?;
    println!("stream {name}: deleted; the relay makes it anew within seconds");
    Ok(())
}

/// Writes the messages behind the log's end to a file in the working folder.
async fn save(log: &Log, bus: &Bus, name: &str, head: u64, last: u64) -> anyhow::Result<()> {
    let path = format!("{}-{}-to-{last}.ndjson", name.to_lowercase(), head + 1);
    let mut file = std::fs::File::create_new(&path).with_context(|| format!("cannot write {path}"))?;
    let mut feed = JetStreamFeed::new(bus.clone(), name);
    let mut position = head;
    while position < last {
        let page = feed.next(position).await?.events;
        let Some(event) = page.last() else { bail!("stream {name} cannot be read behind {position}") };
        position = event.position;
        for event in &page {
            writeln!(file, "{}", event.to_json(log.identity())?)?;
        }
    }
    file.sync_all()?;
    println!("stream {name}: {} messages saved to {path}", last - head);
    Ok(())
}
