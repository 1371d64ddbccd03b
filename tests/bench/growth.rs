//! `bench growth`: how start-up, memory, speed and commands change as keys and placements grow tenfold and a
//! hundredfold, each size on new databases. There is no peer; the lines are compared with each other.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use harness::Pair;
use harness::process::{CommandLine, Process};
use harness::wait::pause;

use crate::fixture::vacuum;
use crate::order::Order;
use crate::passage::head;
use crate::progress::float;
use crate::serving;
use crate::table::{thousands, time};
use crate::usage::Memory;
use crate::{load, seed};

/// How long a service rests before its idle memory is measured.
const REST: Duration = Duration::from_secs(3);
/// Longest wait for a process to be ready.
const START_LIMIT: Duration = Duration::from_mins(5);

/// How often each service is started: a single start may coincide with disk writes of earlier placements.
const STARTS: usize = 5;

/// The measurements of one size.
struct Grown {
    keys: u64,
    placed: u64,
    agents_ready: Starts,
    signup_ready: Starts,
    agents_idle: Memory,
    signup_idle: Memory,
    signup_used: Memory,
    /// Of keys that are not cached yet, and of cached keys.
    lookups: (f64, f64),
    signups: f64,
    rebuild: Work,
    verify: Work,
}

/// Start-up times, shortest first.
struct Starts([Duration; STARTS]);

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at most {})", time(self.0[STARTS / 2]), time(self.0[STARTS - 1]))
    }
}

/// A command of the operator: rows read, duration, and peak memory.
pub struct Work {
    events: u64,
    elapsed: Duration,
    peak: u64,
}

impl Work {
    /// Rows in a second.
    pub fn rate(&self) -> f64 {
        float(self.events) / self.elapsed.as_secs_f64()
    }

    pub fn cell(&self) -> String {
        let rate = thousands(self.rate());
        format!("{rate}/s ({:.1} s, {} MiB)", self.elapsed.as_secs_f64(), self.peak / 1024)
    }
}

/// Measures each size and prints its line immediately, since the largest take long.
pub async fn run(order: &Order) -> Result<()> {
    println!(
        "| keys / placements | ready, median of {STARTS} starts: agents / signup | idle memory: agents / signup | signup's after lookups \
         | lookups: first / again | signups | rebuild of the lookup table | verify |\n|---|---|---|---|---|---|---|---|"
    );
    let mut keys = order.from;
    while keys <= order.up_to {
        let grown = measure(order, keys).await.with_context(|| format!("{keys} keys"))?;
        println!("{}", grown.row());
        keys *= 10;
    }
    Ok(())
}

impl Grown {
    fn row(&self) -> String {
        format!(
            "| {} / {} | {} / {} | {} / {} | {} | {}/s / {}/s | {}/s | {} | {} |",
            thousands(float(self.keys)),
            thousands(float(self.placed)),
            self.agents_ready,
            self.signup_ready,
            self.agents_idle,
            self.signup_idle,
            self.signup_used,
            thousands(self.lookups.0),
            thousands(self.lookups.1),
            thousands(self.signups),
            self.rebuild.cell(),
            self.verify.cell(),
        )
    }
}

async fn measure(order: &Order, keys: u64) -> Result<Grown> {
    let placed = keys.min(order.placements);
    eprintln!("growth: {keys} keys, {placed} placements");
    let pair = serving::start("bench-growth", order).await?;
    let agents_head = serving::fill(&pair, keys).await?;
    place(&pair, placed, keys).await?;
    let (agents, signup) = (pair.agents_process(0), pair.signup_process(0));
    let agents_ready = starts(agents).await?;
    let signup_ready = starts(signup).await?;
    tokio::time::sleep(REST).await;
    let (agents_idle, signup_idle) = (memory(agents)?, memory(signup)?);
    // Printed immediately: the next steps may take an hour and fail at the end.
    eprintln!("  ready in {agents_ready} / {signup_ready}, idle with {agents_idle} / {signup_idle}");
    eprintln!("  lookups and signups");
    let lookups = load::lookups(&pair, keys, order.slice).await?;
    let signup_used = memory(signup)?;
    let signups = load::signups(&pair, keys, order.slice).await?;
    let [first, again, placed_each] = [lookups.0, lookups.1, signups].map(thousands);
    eprintln!("  lookups {first}/s, again {again}/s with {signup_used}; signups {placed_each}/s");
    let signups_head = head(pair.signup_database()?).await?;
    serving::published(pair.nats()?, "SIGNUPS", signups_head).await?;
    let rebuild = work(&pair, &["rebuild", "keys"], "projection keys: rebuilt", agents_head).await?;
    eprintln!("  {}", rebuild.cell());
    let verify = work(&pair, &["verify"], "verified: nothing is lost", agents_head + signups_head).await?;
    Ok(Grown {
        keys,
        placed,
        agents_ready,
        signup_ready,
        agents_idle,
        signup_idle,
        signup_used,
        lookups,
        signups,
        rebuild,
        verify,
    })
}

/// Places customers, spread over the keys, while the signup-service is stopped.
async fn place(pair: &Pair, count: u64, keys: u64) -> Result<()> {
    let terms = pair.agents(0).settings().await?;
    let terms_version = terms["terms"]["version"].as_str().context("there are terms")?;
    pair.signup_process(0).stop();
    let head = seed::place(pair.signup_database()?, count, keys, terms_version).await?;
    serving::start_again(std::iter::once(pair.signup_process(0))).await?;
    serving::published(pair.nats()?, "SIGNUPS", head).await?;
    vacuum(pair.signup_database()?).await
}

/// Stops and starts a service repeatedly.
async fn starts(process: &Process) -> Result<Starts> {
    let mut times = [Duration::ZERO; STARTS];
    for taken in &mut times {
        *taken = start(process).await?;
    }
    times.sort_unstable();
    Ok(Starts(times))
}

/// From the start of the program to its ready line.
async fn start(process: &Process) -> Result<Duration> {
    process.stop();
    let before = process.lines().len();
    let begun = Instant::now();
    process.start_again()?;
    while !process.lines().iter().skip(before).any(|line| line.contains(": ready ")) {
        ensure!(process.is_running() && begun.elapsed() < START_LIMIT, "a service did not become ready");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(begun.elapsed())
}

fn memory(process: &Process) -> Result<Memory> {
    Ok(Memory::of(process.id().context("it runs")?))
}

/// Runs a command of the operator beside the running services, and checks its output.
pub async fn work(pair: &Pair, arguments: &[&str], success: &str, events: u64) -> Result<Work> {
    let what = arguments.join(" ");
    eprintln!("  {what}");
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let begun = Instant::now();
    let process = Process::start(CommandLine { arguments, ..pair.command_line()? })?;
    let id = process.id().context("it runs")?;
    let mut peak = 0;
    while process.is_running() {
        peak = peak.max(Memory::of(id).peak);
        pause().await;
    }
    let elapsed = begun.elapsed();
    let printed = harness::eventually(harness::seconds(5), async || {
        let lines = process.lines();
        ensure!(lines.iter().any(|line| line.contains(success)), "the output is: {}", lines.join("\n"));
        Ok(())
    });
    printed.await.with_context(|| what.clone())?;
    Ok(Work { events, elapsed, peak })
}
