//! `bench-cqrs DATABASE TASKS MILLISECONDS BYTES FIRST`: appends one event each to new aggregates, numbered from
//! FIRST on, through cqrs-es with postgres-es, and prints count, duration and latencies. It is independent of the
//! product.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use futures::future::try_join_all;
use postgres_es::{PostgresCqrs, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// The table of postgres-es, as its own script creates it.
const EVENTS: &str = "CREATE TABLE IF NOT EXISTS events (
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
)";

/// A key was added: as many fields and bytes as the product's event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct KeyAdded {
    key: String,
    agent_id: String,
    call_plan_id: String,
    group_id: String,
    label: String,
    note: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    cap: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum KeyEvent {
    Added(KeyAdded),
}

impl DomainEvent for KeyEvent {
    fn event_type(&self) -> String {
        "KeyAdded".to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Key {
    added: Option<KeyAdded>,
}

impl Aggregate for Key {
    const TYPE: &'static str = "key";
    type Command = KeyAdded;
    type Event = KeyEvent;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, command: KeyAdded, (): &(), sink: &EventSink<Self>) -> Result<(), Infallible> {
        if self.added.is_none() {
            sink.write(KeyEvent::Added(command), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: KeyEvent) {
        let KeyEvent::Added(added) = event;
        self.added = Some(added);
    }
}

/// One task's latencies in microseconds, each with its count.
type Latencies = BTreeMap<u128, u64>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, tasks, millis, bytes, first] = arguments.as_slice() else {
        anyhow::bail!("usage: bench-cqrs DATABASE TASKS MILLISECONDS BYTES FIRST");
    };
    let (tasks, length) = (tasks.parse::<u32>()?, Duration::from_millis(millis.parse()?));
    let pool = connect(database, tasks).await?;
    sqlx::query(EVENTS).execute(&pool).await?;
    let cqrs: PostgresCqrs<Key> = postgres_cqrs(pool, Vec::new(), ());
    let note = "x".repeat(bytes.parse::<usize>()?.saturating_sub(serde_bytes(&added(0, ""))));
    let (begun, cpu) = (Instant::now(), cpu_us()?);
    let until = begun + length;
    let next = AtomicU64::new(first.parse()?);
    let all = try_join_all((0..tasks).map(|_| work(&cqrs, &next, &note, until))).await?;
    let (elapsed, cpu) = (begun.elapsed(), cpu_us()?.saturating_sub(cpu));
    let mut together = Latencies::new();
    for (micros, count) in all.into_iter().flatten() {
        *together.entry(micros).or_default() += count;
    }
    let operations: u64 = together.values().sum();
    let latencies: Vec<String> = together.iter().map(|(micros, count)| format!("{micros}:{count}")).collect();
    let (micros, latencies) = (elapsed.as_micros(), latencies.join(" "));
    println!("operations {operations} elapsed_us {micros} cpu_us {cpu} latencies {latencies}");
    Ok(())
}

/// As many connections as tasks, all open, none tested before use: the fastest configuration of the peer.
async fn connect(database: &str, tasks: u32) -> Result<PgPool> {
    let options = PgPoolOptions::new().max_connections(tasks).min_connections(tasks).test_before_acquire(false);
    let pool = options.connect(database).await?;
    while pool.size() < tasks {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(pool)
}

async fn work(cqrs: &PostgresCqrs<Key>, next: &AtomicU64, note: &str, until: Instant) -> Result<Latencies> {
    let mut taken = Latencies::new();
    while Instant::now() < until {
        let command = added(next.fetch_add(1, Ordering::Relaxed), note);
        let aggregate_id = format!("key-{}", command.key);
        let begun = Instant::now();
        cqrs.execute(&aggregate_id, command).await?;
        *taken.entry(begun.elapsed().as_micros()).or_default() += 1;
    }
    Ok(taken)
}

fn added(number: u64, note: &str) -> KeyAdded {
    let id = format!("00000000-0000-0000-0000-{number:012}");
    KeyAdded {
        key: format!("{number:012}"),
        agent_id: id.clone(),
        call_plan_id: id.clone(),
        group_id: id,
        label: format!("Link {number}"),
        note: note.to_owned(),
        ..KeyAdded::default()
    }
}

/// The length of the event as JSON, with the name of its type around it.
fn serde_bytes(added: &KeyAdded) -> usize {
    let texts = [&added.key, &added.agent_id, &added.call_plan_id, &added.group_id, &added.label];
    let names = r#"{"Added":{"key":"","agent_id":"","call_plan_id":"","group_id":"","label":"","note":"","starts_at":null,"ends_at":null,"cap":null}}"#;
    names.len() + texts.into_iter().map(String::len).sum::<usize>()
}

/// CPU time so far; Linux reports it in hundredths of a second.
fn cpu_us() -> Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(')').context("the name is in parentheses")?;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(ticks.sum::<Result<u64, _>>()? * 10_000)
}
