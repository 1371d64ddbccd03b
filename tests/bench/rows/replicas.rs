//! Row `replicas`: signups spread over two and three replicas of the signup-service, beside the same load on one of them. All run
//! on the same cores and write to one log, so more of them can at best place as many.

use std::sync::Arc;

use anyhow::Result;
use harness::Setup;

use super::placing::Bench;
use crate::generator::{Target, slice};
use crate::measure::{Slice, alternate, latencies};
use crate::order::Order;
use crate::table::{Finding, Line};
use crate::visits::Signups;

/// Replicas that run all the time, whether or not they are asked.
const REPLICAS: usize = 3;
/// The part of one replica's rate that several must keep.
const WANTED: f64 = 0.9;

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let bench = Bench::start(Setup::servers("bench::replicas", REPLICAS), order, None).await?;
    let visitors = bench.visitors(0);
    let mut found = Vec::new();
    for replicas in 2..=REPLICAS {
        let turns = alternate(
            order.turns,
            async || {
                Ok(super::tell(&format!("{replicas} replicas"), spread(&bench, &visitors, order, replicas).await?))
            },
            async || Ok(super::tell("one replica", spread(&bench, &visitors, order, 1).await?)),
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
    Ok(found)
}

/// One slice of signups, with the connections shared out among so many replicas.
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
            // The time on the cores is that of all processes in each of the slices.
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
    Ok(together.unwrap_or(Slice {
        operations: 0,
        elapsed: order.slice,
        latencies: latencies(),
        cpu: std::time::Duration::ZERO,
    }))
}
