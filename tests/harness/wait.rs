//! Waiting for a condition with a limit. It is the only place of the tests that sleeps.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::{Interval, MissedTickBehavior};

const PAUSE: Duration = Duration::from_millis(20);

/// A limit in whole seconds, short enough to read well in a journey.
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Tries again until the attempt succeeds; after the limit the last failure is the answer.
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

/// Waits until a condition holds, for tests that assert: after ten seconds the test fails.
pub async fn until(mut condition: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < seconds(10), "the condition did not hold within ten seconds");
        pause().await;
    }
}

/// One short pause, for loops that keep a record of what they see.
pub async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// Ticks once in each period; a tick that was missed is not made up for.
pub fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// The same for code that must not be asynchronous, such as `Drop`: true when the condition held in time.
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
