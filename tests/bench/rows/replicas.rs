//! Row `replicas`: signups spread over two and three replicas of the signup-service, beside the same load on one of
//! them. All run on the same cores and write one log, so more of them can at best place as many.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use harness::Setup;
use hdrhistogram::Histogram;

use super::placing::Bench;
use crate::generator::{Pace, Target, run as send, slice};
use crate::measure::{Slice, alternate, latencies};
use crate::order::Order;
use crate::table::{Finding, Line, Promise, time};
use crate::visits::Signups;

/// Replicas that run all the time, with or without load.
const REPLICAS: usize = 3;
/// The share of one replica's rate that several must keep.
const WANTED: f64 = 0.9;
/// Signups a second that leave every replica idle most of the time.
const UNHURRIED: f64 = 500.0;
/// The time of a network hop between machines of one site.
const HOP: Duration = Duration::from_millis(1);

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let bench = Bench::start(Setup::servers("bench::replicas", REPLICAS), order, None).await?;
    let visitors = bench.visitors(0);
    let mut found = Vec::new();
    for replicas in 2..=REPLICAS {
        let turns = alternate(
            order.turns,
            async || {
                Ok(super::report(&format!("{replicas} replicas"), spread(&bench, &visitors, order, replicas).await?))
            },
            async || Ok(super::report("one replica", spread(&bench, &visitors, order, 1).await?)),
        );
        let turns = turns.await?;
        bench.holds(visitors.sent()).await?;
        let line = Line {
            what: format!("replicas: signup at {replicas}, {} connections in all", order.connections),
            peer: "the same at one of them".to_owned(),
            turns,
            // Only the first is a promise.
            wanted: if replicas == 2 { WANTED } else { 0.0 },
            wanted_p99: None,
            memory: bench.memory(),
            notes: Vec::new(),
        };
        found.push(line.into());
    }
    found.push(unhurried(&bench, &visitors, order).await?.into());
    bench.holds(visitors.sent()).await?;
    Ok(found)
}

/// The cost of sharing the log at low load.
async fn unhurried(bench: &Bench, visitors: &Arc<Signups>, order: &Order) -> Result<Promise> {
    let (mut at_two, mut at_one) = (latencies(), latencies());
    for turn in 0..order.turns {
        for replicas in if turn % 2 == 0 { [2, 1] } else { [1, 2] } {
            let all = if replicas == 2 { &mut at_two } else { &mut at_one };
            all.add(at_rate(bench, visitors, order, replicas).await?)?;
        }
    }
    let quantile = |all: &Histogram<u64>, quantile| Duration::from_micros(all.value_at_quantile(quantile));
    let [two, one] = [&at_two, &at_one].map(|all| (quantile(all, 0.5), quantile(all, 0.99)));
    Ok(Promise {
        what: format!("replicas: median of a signup at 2, {UNHURRIED}/s in all"),
        measured: format!("{}, at one {}; p99 {}, at one {}", time(two.0), time(one.0), time(two.1), time(one.1)),
        wanted: format!("<= at one + {}", time(HOP)),
        holds: two.0 <= one.0 + HOP,
    })
}

async fn at_rate(bench: &Bench, visitors: &Arc<Signups>, order: &Order, replicas: u32) -> Result<Histogram<u64>> {
    let pace = Pace::Rate { per_second: UNHURRIED / f64::from(replicas), lasting: order.slice };
    let runs = (0..replicas as usize).map(|replica| async move {
        let target = Target::new(bench.pair.signup_api(replica).base(), order.connections, None)?;
        send(&target, visitors, pace).await?.without_wrong_answers()
    });
    let mut all = latencies();
    for outcome in futures::future::try_join_all(runs).await? {
        all.add(outcome.right)?;
    }
    Ok(all)
}

/// One slice of signups, with the connections divided among so many replicas.
async fn spread(bench: &Bench, visitors: &Arc<Signups>, order: &Order, replicas: usize) -> Result<Slice> {
    let slices = (0..replicas).map(|replica| async move {
        let connections = order.connections / replicas;
        let target = Target::new(bench.pair.signup_api(replica).base(), connections, None)?;
        slice(&target, visitors, order.slice, &bench.product).await
    });
    let mut together: Option<Slice> = None;
    for one in futures::future::try_join_all(slices).await? {
        together = Some(match together {
            None => one,
            // The CPU time of each slice is that of all processes.
            Some(sum) => Slice {
                operations: sum.operations + one.operations,
                elapsed: sum.elapsed.max(one.elapsed),
                cpu: sum.cpu.max(one.cpu),
                latencies: {
                    let mut all = sum.latencies;
                    all.add(&one.latencies)?;
                    all
                },
            },
        });
    }
    Ok(together.unwrap_or(Slice { operations: 0, elapsed: order.slice, latencies: latencies(), cpu: Duration::ZERO }))
}
