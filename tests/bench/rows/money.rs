//! Row `money`: a company with a million placements and three million payments. Payments in bulk with the relay and all projections
//! at work, pages of agents' ledgers and of the analysis, statements for all agents, and how fast the projections are rebuilt; on
//! PostgreSQL and on SQLite.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use contract::clock::Clock;
use event_store::projections::Checkpoint;
use futures::TryStreamExt;
use futures::stream::FuturesUnordered;
use harness::names::Rng;
use harness::nats::Nats;
use harness::{Pair, Setup, Value, json};
use hdrhistogram::Histogram;
use serde::Deserialize;
use uuid::Uuid;

use crate::fixture::vacuum;
use crate::growth::work;
use crate::measure::latencies;
use crate::order::Order;
use crate::progress::{Progress, float};
use crate::seed::{Business, Catalogue, agent_id, fill_with, key, open, pay, place};
use crate::table::{Finding, Promise, thousands, time};
use crate::usage::Processes;
use crate::{serving, stock};

/// Lines of one request, and requests at a time.
const LINES: u64 = 1_000;
const SENDERS: usize = 4;
/// Slices of the load; the first is a warm-up.
const SLICES: usize = 5;
/// Seconds.
const DAY: i64 = 24 * 3_600;
/// Pages of ledgers, and of the analysis, that are read.
const PAGES: usize = 400;
const SMOKE_PAGES: usize = 12;
const WANTED_PAGE: Duration = Duration::from_millis(200);
/// Statements issued in a second: 5,000 in two minutes.
const WANTED_STATEMENTS: f64 = 5_000.0 / 120.0;
/// Events of a rebuild in a second.
const WANTED_REBUILD: f64 = 20_000.0;
/// Longest wait for a projection that moves.
const PATIENCE: Duration = Duration::from_mins(2);

/// The company on one database.
struct Company<'a> {
    pair: Pair,
    /// Beside the embedded pair, which brings none.
    nats: Option<Nats>,
    order: &'a Order,
    on: &'static str,
    agents_url: String,
    signup_url: String,
    /// Makes the references of each load different.
    batches: AtomicU64,
}

/// How long reads took.
struct Reads(Histogram<u64>);

impl Reads {
    fn new() -> Self {
        Self(latencies())
    }

    async fn take(&mut self, pair: &Pair, path: &str) -> Result<Value> {
        let begun = Instant::now();
        let answer = pair.agents(0).api.get(path).send().await?.expect(200)?;
        self.0.saturating_record(u64::try_from(begun.elapsed().as_micros())?);
        answer.json()
    }

    fn promise(self, what: String, order: &Order) -> Promise {
        let at = |share: f64| Duration::from_micros(self.0.value_at_quantile(share));
        let wanted = WANTED_PAGE * 100 / order.least.max(1);
        let (p95, p50, longest, pages) = (time(at(0.95)), time(at(0.5)), time(at(1.0)), self.0.len());
        Promise {
            what,
            measured: format!("p95 {p95}, p50 {p50}, longest {longest}, of {pages}"),
            wanted: format!("p95 <= {}", time(wanted)),
            holds: at(0.95) <= wanted || order.smoke,
        }
    }
}

/// An answer to a line; the rest is checked by tests.
#[derive(Deserialize)]
struct Answered {
    status: u16,
}

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (on, wanted) in [("PostgreSQL", 5_000.0), ("SQLite", 3_000.0)] {
        let company = Box::pin(Company::found(order, on)).await?;
        found.extend(company.bulk(wanted).await?);
        found.push(company.ledgers().await?.into());
        found.push(company.analysis().await?.into());
        found.push(company.statements().await?.into());
        for promise in company.rebuilds().await? {
            found.push(promise.into());
        }
    }
    Ok(found)
}

impl<'a> Company<'a> {
    async fn found(order: &'a Order, on: &'static str) -> Result<Self> {
        let is_embedded = on == "SQLite";
        let nats = if is_embedded { Some(Nats::private("bench-money").await?) } else { None };
        let pair = match &nats {
            Some(nats) => Pair::start(Setup::embedded("bench::money").with("SIGNPOST_NATS_URL", nats.url())).await?,
            None => stock::start(Setup::servers("bench::money", 1), order, None).await?,
        };
        let [agents_url, signup_url] = if is_embedded {
            ["agents", "signups"].map(|name| format!("sqlite:{}/data/{name}.sqlite", pair.folder().display()))
        } else {
            [pair.agents_database()?.to_owned(), pair.signup_database()?.to_owned()]
        };
        let company = Self { pair, nats, order, on, agents_url, signup_url, batches: AtomicU64::new(0) };
        company.seed().await?;
        Ok(company)
    }

    fn business(&self) -> Business {
        self.order.business
    }

    async fn seed(&self) -> Result<()> {
        let Business { agents, keys, customers, .. } = self.business();
        let begun = Instant::now();
        // Days are counted in a zone with summer time.
        let settings = json!({ "time_zone": "Europe/Berlin" });
        let settings = self.pair.agents(0).api.put("/settings").json(&settings).expect(200).await?;
        let terms_version = settings["terms"]["version"].as_str().context("there are terms")?;
        self.stop();
        let head = fill_with(&self.agents_url, Catalogue { keys, agents }).await?;
        serving::start_again(self.pair.processes()).await?;
        self.reaches(&self.signup_url, "keys", head).await?;
        self.pair.signup(0).lookup_at(&key(keys - 1), head).await?.expect(200)?;
        self.stop();
        let placed = place(&self.signup_url, customers, keys, terms_version).await?;
        let paid = pay(&self.agents_url, self.business()).await?;
        serving::start_again(self.pair.processes()).await?;
        self.reaches(&self.agents_url, "sales", placed).await?;
        self.reaches(&self.agents_url, "directory", paid).await?;
        serving::published(self.nats()?, "AGENTS", paid).await?;
        serving::published(self.nats()?, "SIGNUPS", placed).await?;
        if self.nats.is_none() {
            vacuum(&self.agents_url).await?;
        }
        eprintln!("  {}: seeded within {:.0?}", self.on, begun.elapsed());
        Ok(())
    }

    fn nats(&self) -> Result<&Nats> {
        self.nats.as_ref().map_or_else(|| self.pair.nats(), Ok)
    }

    fn stop(&self) {
        for process in self.pair.processes() {
            process.stop();
        }
    }

    /// Waits until a projection holds a position.
    async fn reaches(&self, url: &str, projection: &'static str, end: u64) -> Result<()> {
        let (database, _) =
            if url == self.agents_url { open(url).await? } else { Box::pin(signup_service::app::open(url)).await? };
        let checkpoint = Checkpoint::open_existing(database.clone(), projection);
        let mut progress = Progress::new(&format!("projection {projection}, events"), end);
        let (mut last, mut moved) = (0, Instant::now());
        loop {
            let reached = checkpoint.read_if_any().await?.map_or(0, |state| state.point.position);
            if reached > last {
                (last, moved) = (reached, Instant::now());
            }
            progress.at(reached);
            if reached >= end {
                break;
            }
            ensure!(moved.elapsed() < PATIENCE, "projection {projection} stalls at {reached} of {end}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        progress.done();
        database.close().await;
        Ok(())
    }

    /// Payments in bulk, as many as the service takes.
    async fn bulk(&self, wanted: f64) -> Result<Vec<Finding>> {
        let ours = Processes::alone(self.pair.processes().filter_map(harness::process::Process::id));
        let (mut rates, mut cpu) = (Vec::new(), Vec::new());
        let slices = if self.order.smoke { 2 } else { SLICES };
        for slice in 0..slices {
            let (begun, before) = (Instant::now(), ours.cpu());
            let until = begun + self.order.slice * 2;
            let senders: FuturesUnordered<_> = (0..SENDERS).map(|_| self.send(until)).collect();
            let sent: u64 = senders.try_collect::<Vec<u64>>().await?.into_iter().sum();
            let rate = float(sent) / begun.elapsed().as_secs_f64();
            let each = ours.cpu().saturating_sub(before) / u32::try_from(sent)?;
            eprintln!("  {}: {} payments/s, {} of CPU each", self.on, thousands(rate), time(each));
            if slice > 0 {
                rates.push(rate);
                cpu.push(each);
            }
        }
        rates.sort_unstable_by(f64::total_cmp);
        cpu.sort_unstable();
        let median = rates[rates.len() / 2];
        let least = wanted * f64::from(self.order.least) / 100.0;
        let promise = Promise {
            what: format!("money: payments in bulk on {}", self.on),
            measured: format!(
                "{}/s ({} to {}), {} of the services' CPU each",
                thousands(median),
                thousands(rates[0]),
                thousands(rates[rates.len() - 1]),
                time(cpu[cpu.len() / 2])
            ),
            wanted: format!(">= {}/s", thousands(least)),
            holds: median >= least || self.order.smoke,
        };
        // The bus gets them all.
        let begun = Instant::now();
        let (database, log) = open(&self.agents_url).await?;
        let head = log.head().await?.position;
        database.close().await;
        serving::published(self.nats()?, "AGENTS", head).await?;
        let note = format!(
            "money: on {} the stream held the last payment {} after its answer",
            self.on,
            time(begun.elapsed())
        );
        Ok(vec![promise.into(), Finding::Note(note)])
    }

    /// Sends requests, one after the other; returns the number of payments.
    async fn send(&self, until: Instant) -> Result<u64> {
        let api = self.pair.agents_api(0);
        let mut sent = 0;
        while Instant::now() < until || sent == 0 {
            let batch = self.batches.fetch_add(1, Ordering::Relaxed);
            let now = Clock::System.now();
            let lines = (0..LINES).map(|line| {
                let number = batch * LINES + line;
                format!("{}\n", self.business().line("new", number, now))
            });
            let body: String = lines.collect();
            let answer = api.post("/api/v1/payments").raw("application/x-ndjson", body).send().await?.expect(200)?;
            let text = answer.text();
            let mut count = 0;
            for line in text.lines() {
                let answered: Answered = serde_json::from_str(line)?;
                ensure!(answered.status == 201, "a payment was answered: {line}");
                count += 1;
            }
            ensure!(count == LINES, "{count} answers to {LINES} payments");
            sent += count;
        }
        Ok(sent)
    }

    fn any_agent(&self, rng: &mut Rng) -> Result<Uuid> {
        Ok(agent_id(u64::try_from(rng.below(usize::try_from(self.business().agents)?))?))
    }

    fn pages(&self) -> usize {
        if self.order.smoke { SMOKE_PAGES } else { PAGES }
    }

    /// Pages of ledgers and balances of any agents.
    async fn ledgers(&self) -> Result<Promise> {
        let (mut rng, mut reads) = (Rng::new(7), Reads::new());
        let now = Clock::System.now();
        let (since, until) = (now.plus_seconds(-60 * DAY), now.plus_seconds(-30 * DAY));
        let mut next = None;
        for page in 0..self.pages() {
            let agent = self.any_agent(&mut rng)?;
            let path = match page % 4 {
                0 => format!("/agents/{agent}/ledger?currency=EUR"),
                1 => format!("/agents/{agent}/ledger?currency=EUR&since={since}&until={until}"),
                2 => next.take().unwrap_or_else(|| format!("/agents/{agent}/ledger?currency=EUR&limit=10")),
                _ => format!("/agents/{agent}/balances"),
            };
            let answer = reads.take(&self.pair, &path).await?;
            if page % 4 == 0
                && let Some(after) = answer["next"].as_str()
            {
                next = Some(format!("{path}&after={after}"));
            }
        }
        Ok(reads.promise(format!("money: a page of an agent's ledger on {}", self.on), self.order))
    }

    /// Pages of figures: told apart by everything, of all and of one agent, over short and long periods, and cohorts.
    async fn analysis(&self) -> Result<Promise> {
        let (mut rng, mut reads) = (Rng::new(8), Reads::new());
        let by = ["agent", "call_plan", "group", "key", "campaign", "country", "day", "week", "month"];
        let periods = ["30_days", "last_month", "quarter", "year"];
        for page in 0..self.pages() {
            let of_one = format!("&agent_id={}", self.any_agent(&mut rng)?);
            let only = if page % 2 == 0 { "" } else { &of_one };
            let (by, period) = (by[page / 2 % by.len()], periods[page / 18 % periods.len()]);
            let path = match page % 20 {
                19 => format!("/analysis/cohorts?{}", only.trim_start_matches('&')),
                18 => "/analysis/cohorts".to_owned(),
                _ => format!("/analysis?by={by}&period={period}&compare=true{only}"),
            };
            reads.take(&self.pair, &path).await?;
        }
        Ok(reads.promise(format!("money: a page of the analysis on {}", self.on), self.order))
    }

    /// Statements of a month up to yesterday, for all agents.
    async fn statements(&self) -> Result<Promise> {
        let now = Clock::System.now();
        let (since, until) = (now.plus_seconds(-30 * DAY).day(), now.plus_seconds(-DAY).day());
        let period = json!({ "since": since.to_string(), "until": until.to_string() });
        let (begun, mut issued, mut after) = (Instant::now(), 0, Value::Null);
        loop {
            let step = json!({ "period": period, "after": after });
            let done: Value = self.pair.agents(0).api.post("/statements/batch").json(&step).expect(200).await?;
            issued += done["issued"].as_u64().context("so many were issued")?;
            after = done["next"].clone();
            if after.is_null() {
                break;
            }
        }
        let none = format!("no agent of {} has lines within {period}", self.business().agents);
        ensure!(issued > 0 || self.order.smoke, none);
        let rate = float(issued) / begun.elapsed().as_secs_f64();
        let least = WANTED_STATEMENTS * f64::from(self.order.least) / 100.0;
        Ok(Promise {
            what: format!("money: statements issued on {}", self.on),
            measured: format!("{rate:.1}/s, {issued} of {} agents", self.business().agents),
            wanted: format!(">= {least:.1}/s, which is 5,000 in two minutes"),
            holds: rate >= least || self.order.smoke,
        })
    }

    /// The projections of the agents-service, each rebuilt beside the running services.
    async fn rebuilds(&self) -> Result<Vec<Promise>> {
        let mut found = Vec::new();
        let least = WANTED_REBUILD * f64::from(self.order.least) / 100.0;
        for (projection, url) in
            [("directory", &self.agents_url), ("decisions", &self.agents_url), ("sales", &self.signup_url)]
        {
            let (database, log) =
                if projection == "sales" { Box::pin(signup_service::app::open(url)).await? } else { open(url).await? };
            let head = log.head().await?.position;
            database.close().await;
            let success = format!("projection {projection}: rebuilt");
            let done = work(&self.pair, &["rebuild", projection], &success, head).await?;
            found.push(Promise {
                what: format!("money: {projection} rebuilt on {}", self.on),
                measured: done.cell(),
                wanted: format!(">= {}/s", thousands(least)),
                holds: done.rate() >= least || self.order.smoke,
            });
        }
        Ok(found)
    }
}
