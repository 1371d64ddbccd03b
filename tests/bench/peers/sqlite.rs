//! The peer of the embedded pair: one transaction for each signup, through the same library on the same kind of file,
//! without HTTP and validation. Tasks queue for the one write connection. Usage: `bench-sqlite <file> <seconds>
//! <keys> <tasks>`; a new file gets its tables. Prints one result a line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqlitePool};
use tokio::task::JoinSet;
use uuid::Uuid;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, agent_id TEXT NOT NULL, agent_name TEXT NOT NULL,
        call_plan_id TEXT NOT NULL, call_plan_name TEXT NOT NULL, group_id TEXT NOT NULL, group_name TEXT NOT NULL,
        state TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, customer_number TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
        agent_id TEXT NOT NULL, call_plan_id TEXT NOT NULL, group_id TEXT NOT NULL, terms_version TEXT NOT NULL,
        placed_at BIGINT NOT NULL, email TEXT, email_key TEXT UNIQUE, first_name TEXT, last_name TEXT, phone TEXT,
        address TEXT, city TEXT);
    CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL,
        stream TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, data TEXT NOT NULL,
        recorded_at BIGINT NOT NULL, actor TEXT NOT NULL);";
const ADD_KEY: &str = "INSERT OR IGNORE INTO keys VALUES ($1, $2, $3, $4, $5, $6, $7, 'active')";
const GET_KEY: &str = "SELECT agent_id, agent_name, call_plan_id, call_plan_name, group_id, group_name
    FROM keys WHERE key = $1 AND state = 'active'";
const ADD_CUSTOMER: &str = "INSERT INTO customers (id, customer_number, key, agent_id, call_plan_id, group_id,
        terms_version, placed_at, email, email_key, first_name, last_name, phone, address, city)
    VALUES ($1, $2, $3, $4, $5, $6, '2026-01-01', $7, $8, $8, 'Zoë', 'Müller-Lüdenscheidt', '+49 30 12345678', $9,
        'São Paulo')";
const ADD_EVENT: &str = "INSERT INTO events (event_id, stream, type, subject, data, recorded_at, actor)
    VALUES ($1, $2, 'signpost.signups.customer_placed.v1', $3, $4, $5, 'visitor')";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, seconds, keys, tasks] = arguments.as_slice() else {
        anyhow::bail!("usage: bench-sqlite <file> <seconds> <keys> <tasks>")
    };
    let (lasting, keys, tasks) = (Duration::from_secs_f64(seconds.parse()?), keys.parse()?, tasks.parse::<u64>()?);
    let pool = open(file, keys).await?;
    // Numbers continue after those of the last run on the same file.
    let first: i64 = sqlx::query_scalar("SELECT count(*) FROM customers").fetch_one(&pool).await?;
    let next = Arc::new(AtomicU64::new(u64::try_from(first)?));
    let (cpu, started) = (ticks()?, Instant::now());
    let mut working = JoinSet::new();
    for _ in 0..tasks {
        let (pool, next) = (pool.clone(), Arc::clone(&next));
        working.spawn(async move { work(&pool, &next, keys, started, lasting).await });
    }
    let mut all = Histogram::<u64>::new(3)?;
    while let Some(times) = working.join_next().await {
        all.add(times??)?;
    }
    println!("elapsed_us {}", started.elapsed().as_micros());
    println!("cpu_ticks {}", ticks()? - cpu);
    println!("operations {}", all.len());
    for step in all.iter_recorded() {
        println!("took {} {}", step.value_iterated_to(), step.count_since_last_iteration());
    }
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&pool).await?;
    ensure!(u64::try_from(stored - first)? == all.len(), "another number of events was stored");
    Ok(())
}

async fn open(file: &str, keys: u64) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_mins(1));
    let pool = pool.test_before_acquire(false).connect_with(options).await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    let mut tx = pool.begin().await?;
    for number in 0..keys {
        let ids = [1, 2, 3].map(|kind| Uuid::from_u64_pair(kind, number % 10).to_string());
        let query = sqlx::query(ADD_KEY).bind(key(number));
        let query = query.bind(&ids[0]).bind("Harbour Telecom 1").bind(&ids[1]).bind("City flat 1");
        query.bind(&ids[2]).bind("Harbour VoIP 1").execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(pool)
}

fn key(number: u64) -> String {
    format!("K{number:011}")
}

async fn work(
    pool: &SqlitePool,
    next: &AtomicU64,
    keys: u64,
    started: Instant,
    lasting: Duration,
) -> Result<Histogram<u64>> {
    let mut times = Histogram::new(3)?;
    while started.elapsed() < lasting {
        let begun = Instant::now();
        sign_up(pool, next.fetch_add(1, Ordering::Relaxed), keys).await?;
        times.record(u64::try_from(begun.elapsed().as_micros())?)?;
    }
    Ok(times)
}

async fn sign_up(pool: &SqlitePool, number: u64, keys: u64) -> Result<()> {
    // Spread over all keys, by a multiplier that reaches each.
    let key = key(number.wrapping_mul(2_654_435_761) % keys);
    let now = i64::try_from(number)?;
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let row = sqlx::query(GET_KEY).bind(&key).fetch_optional(&mut *tx).await?.context("the key is usable")?;
    let text = |at: usize| row.try_get::<&str, _>(at);
    // In time order and of the same length, like the product's.
    let customer_id = Uuid::from_u64_pair(0x0199_0000_0000_7000, number).to_string();
    let email = format!("visitor.{number:016}@mail.example");
    let data = format!(
        "{{\"customer_id\":\"{customer_id}\",\"customer_number\":\"{number:011}\",\"key\":\"{key}\",\"agent_id\":\"{}\",\
         \"agent_name\":\"{}\",\"call_plan_id\":\"{}\",\"call_plan_name\":\"{}\",\"group_id\":\"{}\",\"group_name\":\"{}\",\
         \"commission\":\"12.5\",\"campaign\":{{\"utm_source\":\"newsletter\",\"sub_id\":\"{number}\"}},\
         \"terms_version\":\"2026-01-01\",\"agents_position\":5071}}",
        text(0)?,
        text(1)?,
        text(2)?,
        text(3)?,
        text(4)?,
        text(5)?
    );
    let customer = sqlx::query(ADD_CUSTOMER).bind(&customer_id).bind(format!("{number:011}")).bind(&key);
    let customer = customer.bind(text(0)?).bind(text(2)?).bind(text(4)?).bind(now).bind(&email);
    customer.bind(format!("Seeded Street {number}")).execute(&mut *tx).await?;
    let event = sqlx::query(ADD_EVENT).bind(Uuid::from_u64_pair(0x0199_0000_0000_7001, number).to_string());
    let event = event.bind(format!("customer-{customer_id}")).bind(format!("signups.v1.customer.{}.placed", text(0)?));
    event.bind(&data).bind(now).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// CPU time of this process, in the system's ticks.
fn ticks() -> Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(')').context("the name is in parentheses")?;
    Ok(rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum())
}
