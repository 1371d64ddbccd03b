//! Row `sqlite`: signups over HTTP at the embedded pair, beside a program with one transaction for each without HTTP.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use harness::process::Process;
use harness::scratch::{Scratch, profile_folder};
use harness::{Pair, Setup};
use tokio::process::Command;

use super::placing::keys;
use super::report;
use crate::generator::{Target, slice};
use crate::measure::{Slice, alternate, latencies};
use crate::order::Order;
use crate::stock;
use crate::table::{Finding, Line};
use crate::usage::{Memory, Processes, ticks_per_second};
use crate::visits::Signups;

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let pair = Pair::start(Setup::embedded("bench::sqlite")).await?;
    let stock = stock::fill(&pair, keys(order)).await?;
    let target = Target::new(pair.signup_api(0).base(), order.connections, None)?;
    let product = Processes::alone(pair.processes().filter_map(Process::id));
    let visitors = Arc::new(Signups::new(stock.keys, &stock.terms_version, 0));
    let scratch = Scratch::new("bench")?;
    let turns = alternate(
        order.turns,
        async || Ok(report("ours", slice(&target, &visitors, order.slice, &product).await?)),
        async || Ok(report("one transaction", peer(&scratch, order).await?)),
    );
    let line = Line {
        what: format!("sqlite: signup, {} connections", order.connections),
        peer: "one transaction, sqlx without HTTP".to_owned(),
        turns: turns.await?,
        wanted: 2.5,
        wanted_p99: None,
        memory: pair.signup_process(0).id().map(Memory::of),
        notes: Vec::new(),
    };
    Ok(vec![line.into()])
}

/// One run of the peer on its file, which grows as the pair's does.
async fn peer(scratch: &Scratch, order: &Order) -> Result<Slice> {
    let mut command = Command::new(profile_folder()?.join("bench-sqlite"));
    command.arg(scratch.path().join("peer.sqlite")).arg(order.slice.as_secs_f64().to_string());
    command.arg(keys(order).to_string()).arg(order.connections.to_string()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.context("bench-sqlite can't be run")?;
    ensure!(output.status.success(), "bench-sqlite failed: {}", String::from_utf8_lossy(&output.stderr));
    read(&String::from_utf8_lossy(&output.stdout))
}

fn read(report: &str) -> Result<Slice> {
    let mut slice = Slice { operations: 0, elapsed: Duration::ZERO, latencies: latencies(), cpu: Duration::ZERO };
    for line in report.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["elapsed_us", micros] => slice.elapsed = Duration::from_micros(micros.parse()?),
            ["cpu_ticks", ticks] => slice.cpu = Duration::from_secs(ticks.parse()?) / ticks_per_second(),
            ["operations", count] => slice.operations = count.parse()?,
            ["took", micros, count] => slice.latencies.saturating_record_n(micros.parse()?, count.parse()?),
            _ => bail!("the peer printed {line}"),
        }
    }
    Ok(slice)
}
