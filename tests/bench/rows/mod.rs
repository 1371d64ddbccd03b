//! The rows of the benchmark: each starts its servers, alternates the contenders, and returns its findings.

mod append;
mod follow;
mod money;
mod overload;
mod placing;
mod reading;
mod relay;
mod replicas;
mod revoked;
mod seen;
mod signup;
mod sqlite;

use std::time::Duration;

use anyhow::{Result, bail};

use crate::measure::Slice;
use crate::order::Order;
use crate::table::{Finding, thousands, time};
use crate::visits::Reading;

/// Runs one row.
pub async fn run(order: &Order, row: &str) -> Result<Vec<Finding>> {
    match row {
        "lookup" => Box::pin(reading::run(order, Reading::Lookup)).await,
        "page" => Box::pin(reading::run(order, Reading::Page)).await,
        "signup" => signup::spread(order).await,
        "hot" => signup::hot(order).await,
        "replicas" => replicas::run(order).await,
        "sqlite" => sqlite::run(order).await,
        "overload" => overload::run(order).await,
        "seen" => seen::run(order).await,
        "revoked" => revoked::run(order).await,
        "append" => append::run(order).await,
        "relay" => relay::run(order).await,
        "follow" => follow::run(order).await,
        "money" => Box::pin(money::run(order)).await,
        _ => bail!("there is no row {row}"),
    }
}

/// Prints a slice's result, as progress of a long run.
fn report(who: &str, slice: Slice) -> Slice {
    let slowest = slice.latencies.value_at_quantile(0.99);
    let tail = if slowest > 0 { format!(", p99 {}", time(Duration::from_micros(slowest))) } else { String::new() };
    eprintln!("  {who}: {}/s{tail}", thousands(slice.rate()));
    slice
}
