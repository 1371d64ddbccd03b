//! Waiting for a condition with a limit: the only place of the tests that sleeps.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::{Interval, MissedTickBehavior};

const PAUSE: Duration = Duration::from_millis(20);

/// A limit in whole seconds.
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Retries until the attempt succeeds; after the limit returns the last failure.
pub async fn eventually<T, F, Fut>(limit: Duration, mut attempt: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let started = Instant::now();
    loop {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(error) if started.elapsed() >= limit => {
                return Err(error).with_context(|| format!("still so after {limit:?}"));
            }
            Err(_) => pause().await,
        }
    }
}

/// Waits for a condition; panics after ten seconds.
pub async fn until(mut condition: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < seconds(10), "the condition did not hold within ten seconds");
        pause().await;
    }
}

/// A short pause, for loops that record what they see.
pub async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// Ticks once in each period; a missed tick is not made up for.
pub fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits for a condition in code that is not async, such as `Drop`: true when it held in time.
pub fn held_within(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while !condition() {
        if started.elapsed() >= limit {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
    true
}
