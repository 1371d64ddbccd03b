//! Row `overload`: up to three times as many signups as can be placed, at a constant rate regardless of responses.
//! The possible signups must be placed, the others refused at once, memory must stay bounded, and every
//! acknowledgement must be in the log.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::Setup;
use harness::api::Api;
use harness::events::Event;

use super::placing::Bench;
use crate::bare::Bare;
use crate::cores::Apart;
use crate::generator::{Outcome, Pace, Target, run as send};
use crate::order::Order;
use crate::table::{Finding, Promise, thousands, time};
use crate::usage::Memory;
use crate::visits::{Acknowledged, Signups};

/// Connections that reach the peak rate.
const PEAK_CONNECTIONS: usize = 256;
/// More than the service's queue holds, so that the service refuses and the generator does not hold back.
const CONNECTIONS: usize = 4_096;
/// Multiples of the peak rate. A refusal costs CPU time too, so their number matters.
const TIMES: [f64; 2] = [1.5, 3.0];
const SLICES: u32 = 5;
const WANTED_GOODPUT: f64 = 0.9;
const WANTED_REFUSAL: Duration = Duration::from_millis(50);
/// Allowed growth of memory by waiting requests and their connections.
const WANTED_GROWTH_KIB: u64 = 256 * 1024;

/// The servers share all cores with the generator, as in production on one machine. Where cores can be separated, a
/// second run has the servers on one core, and is only noted.
pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let promises = measure(order, None).await?;
    let mut found: Vec<Finding> = promises.into_iter().map(Finding::from).collect();
    if let Some(apart) = Apart::new().filter(|_| !order.smoke) {
        eprintln!("  once more, servers on one core");
        let noted = measure(order, Some(apart)).await?;
        let note = |promise: Promise| {
            Finding::Note(format!(
                "{}, servers on one core, the generator on another: {}",
                promise.what, promise.measured
            ))
        };
        found.extend(noted.into_iter().map(note));
    }
    Ok(found)
}

async fn measure(order: &Order, apart: Option<Apart>) -> Result<Vec<Promise>> {
    let bench = Bench::start(Setup::servers("bench::overload", 1), order, apart).await?;
    let visitors = Arc::new(Signups::new(bench.stock.keys.clone(), &bench.stock.terms_version, 0).remembering());
    let peak = bench.peak(&visitors, PEAK_CONNECTIONS, order.slice).await?;
    let before = bench.memory().context("the service runs")?;
    let connections = if order.smoke { order.connections } else { CONNECTIONS };
    let refusing = refusing(&bench, order, connections).await?;
    let target = Target { connections, ..bench.target.clone() };
    let mut found = Vec::new();
    for times in TIMES {
        let pace = Pace::Rate { per_second: peak * times, lasting: order.slice * SLICES };
        eprintln!("  {pace}");
        let outcome = send(&target, &visitors, pace).await?.without_wrong_answers()?;
        found.extend(judged(times, &outcome, peak, refusing));
    }
    found.push(in_memory(before, bench.memory().context("the service runs")?));
    let acknowledged = visitors.take_acknowledged();
    eprintln!("  {} acknowledgements are looked for in the log", acknowledged.len());
    let lost = lost(&bench.pair.signup_api(0), &acknowledged).await?;
    found.push(Promise {
        what: "overload: acknowledged, and not in the log".to_owned(),
        measured: format!("{lost} of {}", acknowledged.len()),
        wanted: "0".to_owned(),
        holds: lost == 0,
    });
    Ok(found)
}

/// How many signups in a second a bare server refuses.
async fn refusing(bench: &Bench, order: &Order, connections: usize) -> Result<f64> {
    let example = bench.stock.keys.first().context("there is a key")?;
    let bare = Bare::start(&bench.pair, example, &[], bench.target.apart.as_ref()).await?;
    let target = Target::new(bare.api.base(), connections, bench.target.apart.clone())?;
    let outcome = send(&target, &bench.visitors(0), Pace::For(order.slice * SLICES)).await?.without_wrong_answers()?;
    ensure!(outcome.right.is_empty(), "the bare server placed a customer");
    let rate = per_second(outcome.refused.len(), &outcome);
    eprintln!("  a bare server refuses {}/s", thousands(rate));
    Ok(rate)
}

/// The largest possible share of the peak beside refusals as cheap as a bare server's: both use the same cores.
fn ceiling(times: f64, peak: f64, refusing: f64) -> f64 {
    (1.0 - times * peak / refusing).max(0.0) / (1.0 - peak / refusing)
}

#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
fn per_second(count: u64, outcome: &Outcome) -> f64 {
    count as f64 / outcome.elapsed.as_secs_f64()
}

fn judged(times: f64, outcome: &Outcome, peak: f64, refusing: f64) -> [Promise; 2] {
    let (placed, refused) = (per_second(outcome.right.len(), outcome), per_second(outcome.refused.len(), outcome));
    let refusal = Duration::from_micros(outcome.refused.value_at_quantile(0.99));
    let answer = Duration::from_micros(outcome.right.value_at_quantile(0.99));
    let share = placed / peak;
    let promise = |what: &str, measured: String, wanted: String, holds: bool| {
        let what = format!("overload, {times} times the peak rate: {what}");
        Promise { what, measured, wanted, holds }
    };
    [
        promise(
            "placed",
            format!(
                "{}/s of {}/s at the peak = {share:.2}, where {:.2} would be left by a bare server that refuses {}/s; refused {}/s; p99 of those placed {}; the generator had work for {:.0} %",
                thousands(placed),
                thousands(peak),
                ceiling(times, peak, refusing),
                thousands(refusing),
                thousands(refused),
                time(answer),
                outcome.busy * 100.0
            ),
            format!(">= {WANTED_GOODPUT}"),
            share >= WANTED_GOODPUT,
        ),
        promise(
            "p99 of the refusals, 503",
            format!("{} of {}", time(refusal), outcome.refused.len()),
            format!("<= {}", time(WANTED_REFUSAL)),
            refusal <= WANTED_REFUSAL,
        ),
    ]
}

fn in_memory(before: Memory, after: Memory) -> Promise {
    Promise {
        what: "overload: memory at its peak".to_owned(),
        measured: format!("{after}, before {before}"),
        wanted: format!("<= {} MiB more", WANTED_GROWTH_KIB / 1024),
        holds: after.peak.saturating_sub(before.peak) <= WANTED_GROWTH_KIB,
    }
}

/// The number of acknowledgements that are not in the log at their position.
async fn lost(api: &Api, acknowledged: &[Acknowledged]) -> Result<usize> {
    let mut wanted: HashMap<u64, &str> = HashMap::with_capacity(acknowledged.len());
    for one in acknowledged {
        let other = wanted.insert(one.position, &one.customer_id);
        ensure!(other.is_none(), "two signups got the position {}", one.position);
    }
    let mut after = 0;
    loop {
        let page = api.get(&format!("/api/v1/events?after={after}&limit=1000")).send().await?.expect(200)?;
        let text = page.text();
        let mut lines = text.lines().filter(|line| !line.is_empty()).peekable();
        if lines.peek().is_none() {
            return Ok(wanted.len());
        }
        for line in lines {
            let event = Event::read(line)?;
            after = event.position()?;
            let held = wanted.get(&after).is_some_and(|id| event.raw_data.get().contains(*id));
            if held {
                wanted.remove(&after);
            }
        }
    }
}
