//! The load of `growth`: lookups of keys by their number, and signups, each response checked.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use harness::Pair;

use crate::generator::{Pace, Target, run, slice};
use crate::progress::float;
use crate::seed;
use crate::usage::Processes;
use crate::visits::{Readers, Reading, Signups};

const CONNECTIONS: usize = 64;

/// Most keys that are looked up; more would not change the result.
const MOST_KEYS: u64 = 1_000_000;

/// Lookups in a second: of keys that are not cached, each once, and then of any of the same.
pub async fn lookups(pair: &Pair, keys: u64, length: Duration) -> Result<(f64, f64)> {
    let keys = Arc::new((0..keys.min(MOST_KEYS)).map(seed::key).collect());
    let (all, target) = (Pace::Count(u64::try_from(Vec::len(&keys))?), target(pair)?);
    let each_once = Arc::new(Readers::new(Reading::Lookup, &keys).in_order());
    let first = run(&target, &each_once, all).await?.without_wrong_answers()?;
    let again = Arc::new(Readers::new(Reading::Lookup, &keys));
    let again = slice(&target, &again, length, &Processes::default()).await?;
    Ok((float(first.right.len()) / first.elapsed.as_secs_f64(), again.rate()))
}

/// Signups in a second, spread over all keys.
pub async fn signups(pair: &Pair, keys: u64, length: Duration) -> Result<f64> {
    let settings = pair.agents(0).settings().await?;
    let terms_version = settings["terms"]["version"].as_str().unwrap_or_default();
    let visitors = Arc::new(Signups::new((0..keys).map(seed::key).collect(), terms_version, 0));
    let done = slice(&target(pair)?, &visitors, length, &Processes::default()).await?;
    Ok(done.rate())
}

fn target(pair: &Pair) -> Result<Target> {
    Target::new(pair.signup_api(0).base(), CONNECTIONS, None)
}
