//! Rows `lookup` and `page`: a key looked up by JSON, a signup page opened, 64 connections, any of the keys. The peer
//! is a bare axum server that looks nothing up; for lookups also one that finds each prepared response in a hash map.
//! Servers and generator have a core each.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use harness::process::Process;
use harness::{Pair, Setup};

use super::report;
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

const WANTED_LOOKUPS: f64 = 0.95;
const WANTED_PAGES: f64 = 0.85;
const WANTED_P99: f64 = 1.3;

/// A pair with keys, and its cores.
struct Scene<'a> {
    order: &'a Order,
    reading: Reading,
    apart: Option<Apart>,
    pair: Pair,
    keys: Arc<Vec<String>>,
}

pub async fn run(order: &Order, reading: Reading) -> Result<Vec<Finding>> {
    let apart = Apart::new();
    let pair = stock::start(Setup::servers("bench::reading", 1), order, apart.as_ref()).await?;
    fill(&pair, order.keys, apart.as_ref()).await?;
    let keys: Arc<Vec<String>> = Arc::new((0..order.keys).map(seed::key).collect());
    let scene = Scene { order, reading, apart, pair, keys };
    let each_once = Arc::new(Readers::new(reading, &scene.keys).in_order());
    eprintln!("  every key once");
    let all = Pace::Count(u64::try_from(scene.keys.len())?);
    send(&scene.target(scene.pair.signup_api(0).base())?, &each_once, all).await?.without_wrong_answers()?;

    let mut found = vec![scene.compare("bare axum", &[]).await?.into()];
    if reading == Reading::Lookup {
        found.push(scene.compare("bare axum with a hash map", &scene.keys).await?.into());
    }
    Ok(found)
}

impl Scene<'_> {
    fn target(&self, base: &str) -> Result<Target> {
        Target::new(base, self.order.connections, self.apart.clone())
    }

    /// Turns of the pair and of a bare server, with a hash map where keys are given.
    async fn compare(&self, peer: &str, keys: &[String]) -> Result<Line> {
        let example = self.keys.first().context("there is a key")?;
        let bare = Bare::start(&self.pair, example, keys, self.apart.as_ref()).await?;
        answers_alike(&bare, example).await?;
        let (ours, theirs) = (self.target(self.pair.signup_api(0).base())?, self.target(bare.api.base())?);
        let readers = Arc::new(Readers::new(self.reading, &self.keys));
        let peer_readers = Arc::new(Readers::new(self.reading, &self.keys).answered_by_lookups());
        let product = Processes::alone(self.pair.processes().filter_map(Process::id));
        let bare_alone = Processes::alone(bare.process.id());
        let lasting = self.order.slice;
        let turns = alternate(
            self.order.turns,
            async || Ok(report("ours", slice(&ours, &readers, lasting, &product).await?)),
            async || Ok(report(peer, slice(&theirs, &peer_readers, lasting, &bare_alone).await?)),
        );
        let turns = turns.await?;
        let is_lookup = self.reading == Reading::Lookup;
        let name = if is_lookup { "lookup" } else { "page" };
        Ok(Line {
            what: format!("{name}: any of {} keys, {} connections", self.keys.len(), self.order.connections),
            peer: peer.to_owned(),
            turns,
            wanted: if is_lookup { WANTED_LOOKUPS } else { WANTED_PAGES },
            wanted_p99: is_lookup.then_some(WANTED_P99),
            memory: self.pair.signup_process(0).id().map(Memory::of),
            notes: notes(self.apart.as_ref(), &bare),
        })
    }
}

/// Seeds the keys. Seeding restarts the services, so they start again on the right core.
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

/// Checks that the bare server gives the same response as the pair.
async fn answers_alike(bare: &Bare, example: &str) -> Result<()> {
    let theirs = bare.api.get(&format!("/api/v1/signup-keys/{example}")).send().await?.expect(200)?;
    let (answer, page) = (&bare.answer, &bare.page);
    // The order of a form's fields may differ.
    let same = theirs.body.len() == answer.body.len() && theirs.json()? == answer.json()?;
    ensure!(same, "the bare server answers {theirs}, ours {answer}");
    let theirs = bare.api.get(&format!("/signup/{example}")).send().await?.expect(200)?;
    ensure!(theirs.body.len() == page.body.len(), "the bare server's page is not as long as ours");
    eprintln!("  an answer has {} bytes, a page {}", answer.body.len(), page.body.len());
    Ok(())
}
