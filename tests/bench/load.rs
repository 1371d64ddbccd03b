//! The load that growth puts on the services. Empty until the load generator is here: then lookups of keys by their number,
//! and signups, each answer checked.

use std::time::Duration;

use anyhow::Result;
use harness::Pair;

/// Lookups in a second, over all keys.
#[expect(clippy::unused_async, reason = "the generator will wait")]
pub async fn lookups(_pair: &Pair, _keys: u64, _length: Duration) -> Result<Option<f64>> {
    Ok(None)
}

/// Signups in a second, spread over all keys.
#[expect(clippy::unused_async, reason = "the generator will wait")]
pub async fn signups(_pair: &Pair, _keys: u64, _length: Duration) -> Result<Option<f64>> {
    Ok(None)
}
