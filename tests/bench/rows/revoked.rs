//! Row `revoked`: the time from the acknowledgement of a key's revocation until the last of two replicas of the
//! signup-service refuses the key, while both place signups at half of the peak rate.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use harness::names::{Rng, person};
use harness::{Pair, Setup, Visitor};
use hdrhistogram::Histogram;

use super::placing::Bench;
use crate::cores::Apart;
use crate::generator::{Pace, Target, run as send};
use crate::measure::latencies;
use crate::order::Order;
use crate::table::{Finding, Promise, thousands, time};

const REPLICAS: usize = 2;
/// Enough for a 99th percentile.
const KEYS: usize = 400;
const SLICES: u32 = 10;
/// Between two requests to a replica.
const PAUSE: Duration = Duration::from_millis(1);
/// Far more than allowed: a key that is shown for so long is a failure.
const GIVE_UP: Duration = Duration::from_secs(10);
const WANTED: Duration = Duration::from_millis(100);
/// Visitors of the second replica are numbered from here.
const SECOND: usize = 1_000_000_000;

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let bench = Bench::start(Setup::servers("bench::revoked", REPLICAS), order, Apart::new()).await?;
    let visitors = [bench.visitors(0), bench.visitors(SECOND)];
    let rate = bench.peak(&visitors[0], order.connections, order.slice).await? / 2.0;
    let count = if order.smoke { KEYS / 10 } else { KEYS };
    let doomed = doomed(&bench, count).await?;
    let second = Target::new(bench.pair.signup_api(1).base(), order.connections, bench.target.apart.clone())?;
    let pace = Pace::Rate { per_second: rate / 2.0, lasting: order.slice * SLICES };
    eprintln!("  {pace}, at each of two replicas");
    let [first_visitors, second_visitors] = visitors;
    let first = bench.target.clone();
    let loads = [(first, first_visitors), (second, second_visitors)]
        .map(|(target, visitors)| tokio::spawn(async move { send(&target, &visitors, pace).await }));

    let mut delays = latencies();
    for (number, key) in doomed.iter().enumerate() {
        if loads.iter().any(tokio::task::JoinHandle::is_finished) {
            break;
        }
        let delay = revoke(&bench.pair, key, number).await?;
        delays.saturating_record(u64::try_from(delay.as_micros())?);
    }
    for load in loads {
        let outcome = load.await??.without_wrong_answers()?;
        ensure!(outcome.refused.is_empty(), "{} signups were refused at half of the peak rate", outcome.refused.len());
    }
    ensure!(!delays.is_empty(), "no key was revoked while the load lasted");
    Ok(vec![promise(&delays, rate).into()])
}

fn promise(delays: &Histogram<u64>, rate: f64) -> Promise {
    let at = |share| Duration::from_micros(delays.value_at_quantile(share));
    Promise {
        what: "revoked: from a revocation's acknowledgement to the last page of two replicas".to_owned(),
        measured: format!(
            "p99 {}, p50 {}, longest {}, of {} keys at {}/s",
            time(at(0.99)),
            time(at(0.5)),
            time(Duration::from_micros(delays.max())),
            delays.len(),
            thousands(rate)
        ),
        wanted: format!("<= {}", time(WANTED)),
        holds: at(0.99) <= WANTED,
    }
}

/// Keys to revoke, cached by both replicas.
async fn doomed(bench: &Bench, count: usize) -> Result<Vec<String>> {
    let mut keys = Vec::with_capacity(count);
    let mut position = 0;
    for number in 0..count {
        let seller = &bench.stock.sellers[number % bench.stock.sellers.len()];
        let key = bench.pair.agents(0).add_key(seller).await?;
        position = position.max(key.position);
        keys.push(key.id);
    }
    for replica in 0..REPLICAS {
        bench.pair.signup(replica).lookup_at(&keys[0], position).await?.expect(200)?;
    }
    Ok(keys)
}

/// Revokes one cached key; returns the time until both replicas refuse it.
async fn revoke(pair: &Pair, key: &str, number: usize) -> Result<Duration> {
    for replica in 0..REPLICAS {
        pair.signup(replica).lookup(key).await?.expect(200)?;
    }
    pair.agents(0).turn_key(key, "revoke").await?;
    let acknowledged = Instant::now();
    let [first, second] = [pair.signup(0), pair.signup(1)];
    let (first_refused, second_refused) = tokio::try_join!(refused(&first, key), refused(&second, key))?;
    // A refused lookup implies that a signup is refused too.
    for visitor in [&first, &second] {
        let someone = person(&mut Rng::new(u64::try_from(number)?), number);
        visitor.sign_up(key, &someone).await?.expect(410)?;
    }
    Ok(first_refused.max(second_refused).saturating_duration_since(acknowledged))
}

/// When this replica first refused the key.
async fn refused(visitor: &Visitor, key: &str) -> Result<Instant> {
    let begun = Instant::now();
    loop {
        let answer = visitor.lookup(key).await?;
        match answer.status {
            410 => return Ok(Instant::now()),
            200 if begun.elapsed() < GIVE_UP => tokio::time::sleep(PAUSE).await,
            _ => bail!("{answer}: still shown, or not refused as it should be"),
        }
    }
}
