//! Measures the pair beside the ceilings of the machine and beside its peers, in one run, and prints the table.

mod cores;
mod generator;
mod measure;
mod pgbench;
mod rows;
mod stock;
mod table;
mod usage;
mod visits;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use rows::{Order, ROWS};
use table::Finding;

const USAGE: &str = "usage: bench [ROW...] [--turns 12] [--seconds 2] [--keys 5000] [--connections 64]";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let (rows, order) = read(std::env::args().skip(1))?;
    let mut findings: Vec<Finding> = Vec::new();
    let mut failed = false;
    for row in rows {
        let started = Instant::now();
        eprintln!("{row}");
        match rows::run(&row, &order).await {
            Ok(found) => findings.extend(found),
            Err(error) => {
                eprintln!("{row} failed: {error:#}");
                failed = true;
            }
        }
        eprintln!("  {row} took {:.0?}", started.elapsed());
    }
    print!("{}", table::markdown(&findings));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The rows that are named, or all, and how much is measured.
fn read(mut arguments: impl Iterator<Item = String>) -> Result<(Vec<String>, Order)> {
    let mut rows = Vec::new();
    let names = ["--turns", "--seconds", "--keys", "--connections"];
    let mut values = [12, 2, 5_000, 64];
    while let Some(argument) = arguments.next() {
        if let Some(at) = names.iter().position(|name| *name == argument) {
            values[at] = arguments.next().unwrap_or_default().parse()?;
            ensure!(values[at] > 0, "{argument} must be 1 or more\n{USAGE}");
        } else {
            ensure!(ROWS.contains(&argument.as_str()), "there is no {argument}\n{USAGE}\nrows: {}", ROWS.join(" "));
            rows.push(argument);
        }
    }
    if rows.is_empty() {
        rows.extend(ROWS.map(str::to_owned));
    }
    let [turns, seconds, keys, connections] = values;
    let lasting = Duration::from_secs(u64::try_from(seconds)?);
    Ok((rows, Order { turns, lasting, keys, connections }))
}
