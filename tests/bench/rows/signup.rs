//! Rows `signup` and `hot`: signups over HTTP on the whole path (PostgreSQL, NATS, the relay), beside the same server
//! under pgbench without a service; and all on one key with a cap, beside the same on many keys.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::postgres::execute;
use harness::{Setup, json};
use sqlx::{Connection, PgConnection};

use super::placing::{Bench, keys};
use super::report;
use crate::measure::{Slice, Turns, alternate, cpu_per_operation, rate};
use crate::order::Order;
use crate::pgbench::Pgbench;
use crate::table::{Finding, Line, thousands, time};
use crate::usage::Cores;
use crate::visits::Signups;

/// The best number of connections for pgbench.
const CLIENTS: usize = 16;
/// A cap that is never reached, but always checked.
const CAP: u64 = 1_000_000_000;
/// Slices of a variant that is only noted.
const NOTED_SLICES: usize = 3;

const TABLES: &str = include_str!("../peers/signup_tables.sql");
/// The scripts of the peers, and the wanted ratio.
const SCRIPTS: [(&str, &str, f64); 2] = [
    ("one transaction, pgbench", include_str!("../peers/signup_transaction.sql"), 3.0),
    ("one statement, pgbench", include_str!("../peers/signup_statement.sql"), 1.5),
];

/// Signups through many keys, beside scripts with a transaction and with a statement for each. Both states of a
/// database count: new, and with statistics of its tables. Each peer gets a pair of its own, so that all start with
/// equally full tables.
pub async fn spread(order: &Order) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (peer, script, wanted) in SCRIPTS {
        let bench = Bench::start(Setup::servers("bench::signup", 1), order, None).await?;
        let database = bench.pair.postgres()?.fresh_database("peer").await?;
        let pgbench = Pgbench::new(&database, TABLES, script, CLIENTS, keys(order), bench.server.clone()).await?;
        let visitors = bench.visitors(0);
        let mut comparison = Comparison { bench, pgbench, visitors, peer_placed: 0 };
        eprintln!("  beside {peer}, new databases");
        let (turns, note) = comparison.turns(order, peer).await?;
        found.push(line(order, &comparison.bench, "signup, new database", peer, turns, wanted, vec![note]).into());
        eprintln!("  beside {peer}, with statistics");
        comparison.bench.gather_statistics().await?;
        execute(&database, "ANALYZE".to_owned()).await?;
        let (turns, note) = comparison.turns(order, peer).await?;
        found.push(line(order, &comparison.bench, "signup, with statistics", peer, turns, wanted, vec![note]).into());
        has_placed(&database, comparison.peer_placed).await?;
    }
    if let Some(Finding::Line(last)) = found.last_mut() {
        last.notes.push(without_nats(order).await?);
    }
    Ok(found)
}

/// The pair and a script on the same server.
struct Comparison {
    bench: Bench,
    pgbench: Pgbench,
    visitors: Arc<Signups>,
    peer_placed: u64,
}

impl Comparison {
    /// The turns, and PostgreSQL's work for the pair. The first and the last rate are printed too, to show a trend.
    async fn turns(&mut self, order: &Order, peer: &str) -> Result<(Turns, String)> {
        let (bench, pgbench, visitors) = (&self.bench, &self.pgbench, &self.visitors);
        let (mut server_cpu, mut placed, mut peer_placed) = (Duration::ZERO, 0_u64, 0);
        let mut cores = Cores::default();
        let turns = alternate(
            order.turns,
            async || {
                let (before, cores_before) = (bench.server.cpu(), Cores::now());
                let slice = bench.slice("ours", visitors, order.slice).await?;
                server_cpu += bench.server.cpu().saturating_sub(before);
                cores += Cores::now().since(cores_before);
                placed += slice.operations;
                Ok(slice)
            },
            async || {
                let slice = report(peer, pgbench.slice(order.slice).await?);
                peer_placed += slice.operations;
                Ok(slice)
            },
        );
        let turns = turns.await?;
        self.peer_placed += peer_placed;
        bench.holds(visitors.sent()).await?;
        let each = |spent: Duration| time(spent.div_f64(u32::try_from(placed).map_or(1.0, f64::from).max(1.0)));
        let ends = |slices: &[Slice]| {
            let [first, last] = [slices.first(), slices.last()].map(|slice| slice.map_or(0.0, Slice::rate));
            format!("{} to {}/s", thousands(first), thousands(last))
        };
        let (ours, theirs) = (ends(&turns.ours), ends(&turns.peer));
        let note = format!(
            "PostgreSQL spends {} for each of ours besides; the peer's time is all its. With NATS and the generator each of \
             ours took {} of the cores, which were idle for {:.0} % of the time. From the first turn to the last: ours {ours}, \
             the peer {theirs}",
            each(server_cpu),
            each(cores.busy),
            cores.idle_share() * 100.0
        );
        Ok((turns, note))
    }
}

/// Signups through one key, beside many.
pub async fn hot(order: &Order) -> Result<Vec<Finding>> {
    let bench = Bench::start(Setup::servers("bench::hot", 1), order, None).await?;
    let seller = bench.stock.sellers.first().context("there is a seller")?;
    let key = bench.pair.agents(0).add_key_with(seller, json!({"cap": CAP})).await?;
    bench.pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    let many = bench.visitors(0);
    // Far apart, so that no e-mail address is used twice.
    let first = usize::try_from(u32::MAX)?;
    let one = Arc::new(Signups::new(vec![key.id], &bench.stock.terms_version, first));
    let turns = alternate(
        order.turns,
        async || bench.slice("one key", &one, order.slice).await,
        async || bench.slice("many keys", &many, order.slice).await,
    );
    let turns = turns.await?;
    bench.holds(many.sent() + one.sent() - first).await?;
    let peer = format!("ours, {} keys", keys(order));
    Ok(vec![line(order, &bench, "hot: one key with a cap", &peer, turns, 0.9, Vec::new()).into()])
}

fn line(order: &Order, bench: &Bench, what: &str, peer: &str, turns: Turns, wanted: f64, notes: Vec<String>) -> Line {
    Line {
        what: format!("{what}, {} connections", order.connections),
        peer: peer.to_owned(),
        turns,
        wanted,
        wanted_p99: None,
        memory: bench.memory(),
        notes,
    }
}

/// The peer must have stored everything that was counted.
async fn has_placed(url: &str, transactions: u64) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let statement = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM events)";
    let (customers, events): (i64, i64) = sqlx::query_as(statement).fetch_one(&mut connection).await?;
    let transactions = i64::try_from(transactions)?;
    ensure!(
        customers == transactions && events == transactions,
        "pgbench counted {transactions}, and the tables hold {customers} customers and {events} events"
    );
    Ok(())
}

/// The same pair without NATS: the services follow each other's log over HTTP.
async fn without_nats(order: &Order) -> Result<String> {
    eprintln!("  without NATS");
    let setup = Setup::servers("bench::signup_without_nats", 1).with("SIGNPOST_NATS_URL", "");
    let bench = Bench::start(setup, order, None).await?;
    let visitors = bench.visitors(0);
    let mut slices = Vec::with_capacity(NOTED_SLICES);
    for _ in 0..=NOTED_SLICES {
        slices.push(bench.slice("without NATS", &visitors, order.slice).await?);
    }
    // The first one is a warm-up.
    slices.remove(0);
    let (rate, cpu) = (thousands(rate(&slices)), time(cpu_per_operation(&slices)));
    Ok(format!("without NATS, right afterwards, on a new database: {rate}/s, {cpu} of CPU each"))
}
