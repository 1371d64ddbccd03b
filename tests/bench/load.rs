//! The load that growth puts on the services: lookups of keys by their number, and signups, each answer checked.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use harness::Pair;

use crate::generator::{Target, slice};
use crate::seed;
use crate::usage::Processes;
use crate::visits::{Readers, Reading, Signups};

const CONNECTIONS: usize = 64;

/// Lookups in a second, over all keys.
pub async fn lookups(pair: &Pair, keys: u64, length: Duration) -> Result<Option<f64>> {
    let keys = Arc::new((0..keys).map(seed::key).collect());
    let readers = Arc::new(Readers::new(Reading::Lookup, &keys));
    let done = slice(&target(pair)?, &readers, length, &Processes::default()).await?;
    Ok(Some(done.rate()))
}

/// Signups in a second, spread over all keys.
pub async fn signups(pair: &Pair, keys: u64, length: Duration) -> Result<Option<f64>> {
    let settings = pair.agents(0).settings().await?;
    let terms_version = settings["terms"]["version"].as_str().unwrap_or_default();
    let visitors = Arc::new(Signups::new((0..keys).map(seed::key).collect(), terms_version, 0));
    let done = slice(&target(pair)?, &visitors, length, &Processes::default()).await?;
    Ok(Some(done.rate()))
}

fn target(pair: &Pair) -> Result<Target> {
    Target::new(pair.signup_api(0).base(), CONNECTIONS, None)
}
