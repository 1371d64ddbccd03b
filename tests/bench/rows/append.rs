//! `append`: one event each to new streams, 64 at a time, each command checked for repetition. The log's writer
//! beside cqrs-es with postgres-es, on the same server, with payloads of the same size and time-ordered stream names;
//! on new databases, and again after the server has gathered statistics of its tables.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use contract::clock::Clock;
use contract::events::agents::AgentsEvent;
use contract::events::signup_keys::SignupKeyAdded;
use contract::note::Note;
use event_store::health::Health;
use event_store::log::{CommandMeta, NewEvent, Writer};
use futures::future::try_join_all;
use harness::process::CommandLine;
use harness::scratch::{Scratch, profile_folder};
use uuid::Uuid;

use super::report;
use crate::fixture::{private_postgres, vacuum};
use crate::measure::{Slice, alternate, latencies};
use crate::order::Order;
use crate::seed::{Page, PlainCommandHandler, open};
use crate::table::{Finding, Line, Promise, thousands};
use crate::usage::{Memory, Processes};

const WANTED: f64 = 8.0;
const TASKS: usize = 64;
/// Size of the JSON of one event.
const PAYLOAD_BYTES: usize = 600;
/// Numbers reserved for each slice of the peer, more than it uses.
const SLICE_NUMBERS: u64 = 1_000_000_000;
/// The peer's program: a package of its own, since it needs another version of sqlx.
const PEER: &str = "bench-cqrs";
/// Tasks and connections that are tried with the peer; the faster result counts.
const PEER_TASKS: [usize; 2] = [16, 64];

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let peer = profile_folder()?.join(PEER);
    if !peer.is_file() {
        let manifest = "tests/bench/peers/cqrs/Cargo.toml";
        let measured = format!("not measured: first `cargo build --profile dist --manifest-path {manifest}`");
        let (what, wanted) = ("append beside cqrs-es".to_owned(), format!(">= {WANTED}"));
        return Ok(vec![Promise { what, measured, wanted, holds: false }.into()]);
    }
    let postgres = private_postgres("bench-append", order).await?;
    let databases = [postgres.fresh_database("ours").await?, postgres.fresh_database("peer").await?];
    let appender = Appender::open(&databases[0]).await?;
    let cqrs = Cqrs::new(peer, databases[1].clone())?;
    let mut rates = Vec::new();
    for tasks in PEER_TASKS {
        rates.push((cqrs.slice(tasks, order.slice)?.rate(), tasks));
    }
    let (_, tasks) = rates.iter().copied().max_by(|one, other| one.0.total_cmp(&other.0)).context("it was tried")?;
    let tried = rates.iter().map(|(rate, tasks)| format!("{}/s with {tasks} tasks", thousands(*rate)));
    let note = format!("cqrs-es was tried first: {}", tried.collect::<Vec<_>>().join(", "));
    let mut found = Vec::new();
    // A server plans by its tables' statistics, which do not exist at first.
    for state in ["new database", "with statistics"] {
        let ours = async || Ok(report("ours", appender.slice(order.slice).await?));
        let peer = async || Ok(report("cqrs-es", cqrs.slice(tasks, order.slice)?));
        let line = Line {
            what: format!("append, one event to a new stream, {TASKS} tasks, {state}"),
            peer: format!("cqrs-es, {tasks} tasks"),
            turns: alternate(order.turns, ours, peer).await?,
            wanted: WANTED,
            wanted_p99: None,
            memory: Some(Memory::of(std::process::id())),
            notes: vec![note.clone()],
        };
        found.push(line.into());
        for database in &databases {
            vacuum(database).await?;
        }
    }
    Ok(found)
}

/// Appends through the product's log.
struct Appender {
    writer: Writer<PlainCommandHandler>,
    next: AtomicU64,
    label: String,
}

impl Appender {
    async fn open(url: &str) -> Result<Self> {
        let (_, log) = open(url).await?;
        let label = "x".repeat(PAYLOAD_BYTES.saturating_sub(json_bytes(&added(0, ""))?));
        Ok(Self {
            writer: Writer::start(
                log,
                Clock::System,
                PlainCommandHandler,
                Health::new("agents").dependency("log"),
                Vec::new(),
            ),
            next: AtomicU64::new(0),
            label,
        })
    }

    async fn slice(&self, length: Duration) -> Result<Slice> {
        let worker = Processes::alone([std::process::id()]);
        let (begun, cpu) = (Instant::now(), worker.cpu());
        let all = try_join_all((0..TASKS).map(|_| self.work(begun + length))).await?;
        let elapsed = begun.elapsed();
        let mut together = latencies();
        for one in &all {
            together.add(one)?;
        }
        Ok(Slice { operations: together.len(), elapsed, latencies: together, cpu: worker.cpu().saturating_sub(cpu) })
    }

    async fn work(&self, until: Instant) -> Result<hdrhistogram::Histogram<u64>> {
        let mut taken = latencies();
        while Instant::now() < until {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let event = added(number, &self.label);
            let events = vec![NewEvent::of(format!("key-{}", key(number)), &event)?.starting_its_stream()];
            let (id, fingerprint) = (format!("bench:{number}"), format!("added:{number}"));
            let command = CommandMeta { id: id.clone(), fingerprint, actor: "system".to_owned(), cause: None };
            let begun = Instant::now();
            let appended = self.writer.submit(command, Page { id, events, agents: Vec::new() }).await?;
            taken.saturating_record(u64::try_from(begun.elapsed().as_micros())?);
            ensure!(!appended.replayed && appended.position > 0, "an append was not one: {appended:?}");
        }
        Ok(taken)
    }
}

fn key(number: u64) -> String {
    format!("{number:012}")
}

fn added(number: u64, label: &str) -> AgentsEvent {
    let id = Uuid::from_u128(u128::from(number));
    AgentsEvent::SignupKeyAdded(SignupKeyAdded {
        key: key(number),
        agent_id: id,
        call_plan_id: id,
        group_id: id,
        label: label.to_owned(),
        note: Note::Absent,
        starts_at: None,
        ends_at: None,
        cap: None,
        commission: None,
    })
}

fn json_bytes(event: &AgentsEvent) -> Result<usize> {
    use contract::events::Contract;
    Ok(event.data()?.len())
}

/// Appends through cqrs-es, in a process for each slice.
struct Cqrs {
    program: PathBuf,
    database: String,
    scratch: Scratch,
    /// The first number of its next slice.
    next: AtomicU64,
}

impl Cqrs {
    fn new(program: PathBuf, database: String) -> Result<Self> {
        Ok(Self { program, database, scratch: Scratch::new("cqrs")?, next: AtomicU64::new(0) })
    }

    fn slice(&self, tasks: usize, length: Duration) -> Result<Slice> {
        let first = self.next.fetch_add(SLICE_NUMBERS, Ordering::Relaxed).to_string();
        let line = CommandLine {
            program: self.program.clone(),
            arguments: Vec::new(),
            settings: Vec::new(),
            folder: self.scratch.path().to_path_buf(),
            log: self.scratch.path().join("peer.log"),
        };
        let (tasks, millis, bytes) = (tasks.to_string(), length.as_millis().to_string(), PAYLOAD_BYTES.to_string());
        let (status, output) = line.run(&[&self.database, &tasks, &millis, &bytes, &first])?;
        ensure!(status == 0, "{PEER} ended with {status}: {output}");
        read_slice(&output).with_context(|| format!("{PEER} printed: {output}"))
    }
}

/// Reads `operations 1 elapsed_us 2 cpu_us 3 latencies 100:5 120:7`.
fn read_slice(output: &str) -> Result<Slice> {
    let mut words = output.split_whitespace();
    let mut number = |name: &str| -> Result<u64> {
        ensure!(words.next() == Some(name), "no {name}");
        Ok(words.next().context("a number")?.parse()?)
    };
    let (operations, elapsed, cpu) = (number("operations")?, number("elapsed_us")?, number("cpu_us")?);
    let mut latencies = latencies();
    for word in words.skip(1) {
        let (micros, count) = word.split_once(':').context("a latency and how often")?;
        latencies.saturating_record_n(micros.parse()?, count.parse()?);
    }
    Ok(Slice { operations, elapsed: Duration::from_micros(elapsed), latencies, cpu: Duration::from_micros(cpu) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_output_is_parsed() {
        let slice = read_slice("operations 12 elapsed_us 1000 cpu_us 500 latencies 100:5 120:7\n").unwrap();
        assert_eq!(slice.operations, 12);
        assert_eq!(slice.latencies.len(), 12);
        assert!(read_slice("error").is_err());
    }

    #[test]
    fn an_event_can_have_the_size_that_is_wanted() {
        assert!(json_bytes(&added(0, "")).unwrap() < PAYLOAD_BYTES);
    }
}
