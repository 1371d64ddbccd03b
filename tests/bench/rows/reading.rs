//! Rows `lookup` and `page`: a key looked up by JSON, a signup page opened, 64 connections, any of the keys; beside a bare
//! axum server that serialises an answer of the same content, or as long as the page, without looking anything up. Servers
//! and generator on a core each.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use harness::process::Process;
use harness::{Pair, Setup};

use super::tell;
use crate::bare::Bare;
use crate::cores::Apart;
use crate::generator::{Pace, Target, run as send, slice};
use crate::measure::alternate;
use crate::order::Order;
use crate::stock;
use crate::table::{Finding, Line};
use crate::usage::{Memory, Processes};
use crate::visits::{Readers, Reading};
use crate::{seed, serving};

pub async fn run(order: &Order, reading: Reading) -> Result<Vec<Finding>> {
    let name = if reading == Reading::Lookup { "lookup" } else { "page" };
    let apart = Apart::new();
    let setup = Setup::servers("bench::reading", 1);
    let pair = stock::start(setup, apart.as_ref()).await?;
    fill(&pair, order.keys, apart.as_ref()).await?;
    let keys: Arc<Vec<String>> = Arc::new((0..order.keys).map(seed::key).collect());
    let example = keys.first().context("there is a key")?.clone();
    let bare = Bare::start(&pair, &example, apart.as_ref()).await?;
    answers_alike(&bare, &example).await?;

    let ours = Target::new(pair.signup_api(0).base(), order.connections, apart.clone())?;
    let peer = Target::new(bare.api.base(), order.connections, apart.clone())?;
    let readers = Arc::new(Readers::new(reading, &keys));
    let peer_readers = Arc::new(Readers::new(reading, &keys).answered_by_lookups());
    let each_once = Arc::new(Readers::new(reading, &keys).in_order());
    eprintln!("  every key once");
    let all = Pace::Count(u64::try_from(keys.len())?);
    send(&ours, &each_once, all).await?.without_wrong_answers()?;

    let product = Processes::alone(pair.processes().filter_map(Process::id));
    let bare_alone = Processes::alone(bare.process.id());
    let turns = alternate(
        order.turns,
        async || Ok(tell("ours", slice(&ours, &readers, order.slice, &product).await?)),
        async || Ok(tell("bare", slice(&peer, &peer_readers, order.slice, &bare_alone).await?)),
    );
    let turns = turns.await?;
    let what = format!("{name}: any of {} keys, {} connections", keys.len(), order.connections);
    let line = Line {
        what,
        peer: "bare axum".to_owned(),
        turns,
        wanted: if reading == Reading::Lookup { 0.95 } else { 0.85 },
        wanted_p99: (reading == Reading::Lookup).then_some(1.3),
        memory: pair.signup_process(0).id().map(Memory::of),
        notes: notes(apart.as_ref(), &bare),
    };
    Ok(vec![line.into()])
}

/// Seeds the keys. The services are started again for that, so once more where they should run.
async fn fill(pair: &Pair, keys: u64, apart: Option<&Apart>) -> Result<()> {
    if let Some(apart) = apart {
        apart.starts_servers()?;
    }
    let filled = serving::fill(pair, keys).await;
    if let Some(apart) = apart {
        apart.is_free()?;
    }
    filled.map(drop)
}

fn notes(apart: Option<&Apart>, bare: &Bare) -> Vec<String> {
    let peer = bare.process.id().map(Memory::of).unwrap_or_default();
    let cores = match apart {
        Some(_) => "all servers on one core, the load generator on another",
        None => "servers and load generator on the same cores, since they could not be set apart",
    };
    vec![format!("{cores}; memory of the bare server {peer}")]
}

/// Sees that the bare server gives the same answer as ours.
async fn answers_alike(bare: &Bare, example: &str) -> Result<()> {
    let theirs = bare.api.get(&format!("/api/v1/signup-keys/{example}")).send().await?.expect(200)?;
    let (answer, page) = (&bare.answer, &bare.page);
    // The fields of a form may come in another order.
    let same = theirs.body.len() == answer.body.len() && theirs.json()? == answer.json()?;
    ensure!(same, "the bare server answers {theirs}, ours {answer}");
    let theirs = bare.api.get(&format!("/signup/{example}")).send().await?.expect(200)?;
    ensure!(theirs.body.len() == page.body.len(), "the bare server's page is not as long as ours");
    eprintln!("  an answer has {} bytes, a page {}", answer.body.len(), page.body.len());
    Ok(())
}
