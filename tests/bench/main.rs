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
use order::{Order, Wish};

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

/// Measures each row; one that fails does not keep the others from being measured.
async fn measure_rows(order: &Order, names: &[String]) -> Result<ExitCode> {
    let (mut findings, mut code) = (Vec::new(), ExitCode::SUCCESS);
    for name in names {
        eprintln!("{name}");
        let begun = Instant::now();
        let found = rows::run(order, name).await;
        eprintln!("  {name} took {:.0?}", begun.elapsed());
        match found {
            Ok(found) => findings.extend(found),
            Err(error) => {
                eprintln!("{name} FAILED: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    print!("{}", table::markdown(&findings));
    Ok(code)
}
