//! Measures the pair beside the ceilings of the machine and beside its peers, in one run, and prints the table.

mod bare;
mod cores;
mod fixture;
mod generator;
mod growth;
mod load;
mod measure;
mod order;
mod passage;
mod pgbench;
mod progress;
mod rows;
mod seed;
mod serving;
mod stock;
mod table;
mod usage;
mod visits;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use futures::StreamExt;
use order::{Order, Wish};
use table::Finding;

/// In a smoke run, most time is spent waiting for servers.
const SMOKE_ROWS_AT_ONCE: usize = 4;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let order = Order::read(std::env::args().skip(1))?;
    match &order.wish {
        Wish::Help => {
            println!("{}", order::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Wish::Seed => serving::seed(&order).await.map(|()| ExitCode::SUCCESS),
        Wish::Growth => Box::pin(growth::run(&order)).await.map(|()| ExitCode::SUCCESS),
        Wish::Rows(names) => Box::pin(measure_rows(&order, names)).await,
    }
}

/// Measures each row; a failed row does not stop the others.
async fn measure_rows(order: &Order, names: &[String]) -> Result<ExitCode> {
    let (mut findings, mut code) = (Vec::new(), ExitCode::SUCCESS);
    let measured = futures::stream::iter(names.iter().enumerate()).map(async |(place, name)| {
        eprintln!("{name}");
        let begun = Instant::now();
        let found = Box::pin(rows::run(order, name)).await;
        eprintln!("  {name} took {:.1?}", begun.elapsed());
        (place, name, found)
    });
    // Rows disturb each other's results, which do not matter in a smoke run.
    let at_once = if order.smoke { SMOKE_ROWS_AT_ONCE } else { 1 };
    let mut measured: Vec<_> = measured.buffer_unordered(at_once).collect().await;
    measured.sort_unstable_by_key(|(place, ..)| *place);
    for (_, name, found) in measured {
        match found {
            Ok(found) => {
                let broken = found.iter().any(|found| matches!(found, Finding::Promise(promise) if !promise.holds));
                if broken && order.strict {
                    code = ExitCode::FAILURE;
                }
                findings.extend(found);
            }
            Err(error) => {
                eprintln!("{name} FAILED: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    print!("{}", table::markdown(&findings));
    Ok(code)
}
