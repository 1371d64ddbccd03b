//! A pair of services with as many keys as wanted: for rows over HTTP, and for manual tests.

use anyhow::Result;
use harness::nats::Nats;
use harness::postgres::{self, Postgres};
use harness::process::Process;
use harness::{Pair, Setup};

use crate::fixture::vacuum;
use crate::order::Order;
use crate::passage::{Checkpoint, last_sequence};
use crate::progress::Progress;
use crate::seed;

/// Starts one process of each service on private servers.
pub async fn start(row: &'static str, order: &Order) -> Result<Pair> {
    let pair = Pair::start(Setup::servers(row, 1).own_postgres()).await?;
    seasoned(pair.postgres()?, order).await?;
    Ok(pair)
}

/// Recycled WAL files of 16 MiB each.
const READY_FILES: usize = 256;

/// Warms a new server up: it recycles WAL files instead of creating new ones, which takes longer than writing to
/// them, and does not checkpoint after each gigabyte.
pub async fn seasoned(server: &Postgres, order: &Order) -> Result<()> {
    if order.smoke {
        return Ok(());
    }
    let url = server.fresh_database("settings").await?;
    for setting in ["max_wal_size = '8GB'", "min_wal_size = '4GB'", "checkpoint_timeout = '30min'"] {
        postgres::execute(&url, format!("ALTER SYSTEM SET {setting}")).await?;
    }
    postgres::execute(&url, "SELECT pg_reload_conf()".to_owned()).await?;
    let use_one_up = "SELECT pg_logical_emit_message(true, 'bench', ''); COMMIT; SELECT pg_switch_wal(); COMMIT; ";
    postgres::execute(&url, use_one_up.repeat(READY_FILES)).await?;
    postgres::execute(&url, "CHECKPOINT".to_owned()).await
}

/// Seeds keys while the services are stopped, starts them again, and waits until the lookup table, the directory and
/// the stream hold all of them; returns the last position of the agents' log.
pub async fn fill(pair: &Pair, keys: u64) -> Result<u64> {
    for process in pair.processes() {
        process.stop();
    }
    let head = seed::fill(pair.agents_database()?, keys).await?;
    start_again(pair.processes()).await?;
    published(pair.nats()?, "AGENTS", head).await?;
    Checkpoint::open(pair.signup_database()?, "keys").await?.reaches("the lookup table, events", head).await?;
    Checkpoint::open(pair.agents_database()?, "directory").await?.reaches("the directory, events", head).await?;
    vacuum(pair.agents_database()?).await?;
    vacuum(pair.signup_database()?).await?;
    Ok(head)
}

/// Starts stopped processes and waits until they are ready.
pub async fn start_again(processes: impl Iterator<Item = &Process>) -> Result<()> {
    for process in processes {
        process.start_again()?;
        process.ready().await?;
    }
    Ok(())
}

/// Waits until a stream holds its whole log.
pub async fn published(nats: &Nats, stream: &str, head: u64) -> Result<()> {
    let jetstream = nats.jetstream().await?;
    let mut progress = Progress::new(&format!("the stream {stream}, events"), head);
    loop {
        let reached = last_sequence(&jetstream, stream).await;
        progress.at(reached);
        if reached >= head {
            progress.done();
            return Ok(());
        }
        harness::wait::pause().await;
    }
}

/// `bench seed`: fills a database, or starts everything and keeps it until Ctrl-C.
pub async fn seed(order: &Order) -> Result<()> {
    if let Some(database) = &order.database {
        let head = seed::fill(database, order.keys).await?;
        println!("the agents' log ends at {head}");
        return Ok(());
    }
    let pair = start("bench-seed", order).await?;
    fill(&pair, order.keys).await?;
    println!("agents-service {}", pair.agents_api(0).base());
    println!("signup-service {}", pair.signup_api(0).base());
    println!(
        "keys, by number: 0 {}, 1 {}, {} {}",
        seed::key(0),
        seed::key(1),
        order.keys - 1,
        seed::key(order.keys - 1)
    );
    println!("token {}; Ctrl-C ends it all", harness::pair::TOKEN);
    Ok(tokio::signal::ctrl_c().await?)
}
