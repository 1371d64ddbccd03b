//! Rate limits by key. Counted in this process, in bounded memory, by digests of the keys; replicas share a limit by
//! allowing a part of it each.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::client::Client;
use super::rate_limit::RateLimit;

/// Keys that are remembered at a time, some 64 bytes each. Beyond that keys share their counts.
pub const MAX_KEYS: usize = 100_000;
/// Number of shared counts.
const SHARED: u64 = 1_024;
/// Checks between two sweeps of expired keys.
const SWEEP_EVERY: u64 = 4_096;
/// The limit of a wider network, as a multiple of one network's.
const WIDER: NonZeroU32 = NonZeroU32::new(8).unwrap();

/// A rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests in a minute.
    pub per_minute: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

impl Limit {
    /// So many in a minute; all of them may come at once.
    pub const fn per_minute(per_minute: NonZeroU32) -> Self {
        Self { per_minute, burst: per_minute }
    }

    /// The limit of one of several replicas that share the visitors.
    #[must_use]
    pub fn shared_by(self, replicas: NonZeroU32) -> Self {
        let part = |number: NonZeroU32| NonZeroU32::new(number.get().div_ceil(replicas.get())).unwrap_or(number);
        Self { per_minute: part(self.per_minute), burst: part(self.burst) }
    }

    fn times(self, factor: NonZeroU32) -> Self {
        Self { per_minute: self.per_minute.saturating_mul(factor), burst: self.burst.saturating_mul(factor) }
    }
}

/// A limit for each key.
pub struct Throttle {
    limiter: RateLimiter<u64, DefaultKeyedStateStore<u64>, DefaultClock, StateInformationMiddleware>,
    limit: Limit,
    /// The name of the limit in response headers.
    reported_as: Option<&'static str>,
    hasher: RandomState,
    checks: AtomicU64,
    is_full: AtomicBool,
}

impl Throttle {
    /// This limit for each key.
    pub fn new(limit: Limit) -> Self {
        let quota = Quota::per_minute(limit.per_minute).allow_burst(limit.burst);
        let limiter = RateLimiter::keyed(quota).with_middleware();
        let (hasher, checks, is_full) = (RandomState::new(), AtomicU64::new(0), AtomicBool::new(false));
        Self { limiter, limit, reported_as: None, hasher, checks, is_full }
    }

    /// Adds the limit's headers to responses, under this name.
    #[must_use]
    pub fn reported_as(self, policy: &'static str) -> Self {
        Self { reported_as: Some(policy), ..self }
    }

    fn report(&self, outcome: &Result<StateSnapshot, u32>) {
        let Some(policy) = self.reported_as else { return };
        let Limit { per_minute, burst } = self.limit;
        let (left, reset) = match outcome {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                (left, burst.get().saturating_sub(left).saturating_mul(60).div_ceil(per_minute.get()))
            }
            Err(wait) => (0, *wait),
        };
        RateLimit { policy, quota: per_minute.get(), left, reset }.report();
    }

    /// Counts one more; fails with the seconds to wait when there were too many.
    pub fn check(&self, key: &impl Hash) -> Result<(), u32> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            self.is_full.store(self.limiter.len() > MAX_KEYS, Ordering::Relaxed);
        }
        let digest = self.hasher.hash_one(key);
        let digest = if self.is_full.load(Ordering::Relaxed) { digest % SHARED } else { digest };
        let outcome = self.limiter.check_key(&digest).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now()).as_secs();
            u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1)
        });
        self.report(&outcome);
        outcome.map(drop)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.limiter.len()
    }
}

/// A limit for each client, and a wider one for the networks around them.
pub struct ClientThrottle {
    near: Throttle,
    wide: Throttle,
}

impl ClientThrottle {
    /// This limit for each client.
    pub fn new(limit: Limit) -> Self {
        Self { near: Throttle::new(limit), wide: Throttle::new(limit.times(WIDER)) }
    }

    /// Adds the limit's headers to responses, under this name.
    #[must_use]
    pub fn reported_as(self, policy: &'static str) -> Self {
        Self { near: self.near.reported_as(policy), wide: self.wide.reported_as(policy) }
    }

    /// Counts one more; fails with the seconds to wait when there were too many. Unknown clients are not limited
    /// here.
    pub fn check(&self, client: Client) -> Result<(), u32> {
        if let Some(bucket) = client.bucket() {
            self.near.check(&bucket)?;
        }
        if let Some(bucket) = client.wide_bucket() {
            self.wide.check(&bucket)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderMap;

    use super::*;
    use crate::http::client::TrustedProxies;

    const TWO: NonZeroU32 = NonZeroU32::new(2).unwrap();

    fn client(address: &str) -> Client {
        let address: IpAddr = address.parse().unwrap();
        TrustedProxies::parse("").unwrap().client(address, &HeaderMap::new())
    }

    #[test]
    fn one_key_waits_while_another_goes_on() {
        let throttle = Throttle::new(Limit::per_minute(TWO));
        assert_eq!([(); 3].map(|()| throttle.check(&"a").is_ok()), [true, true, false]);
        assert!(throttle.check(&"b").is_ok());
        assert!((1..=31).contains(&throttle.check(&"a").unwrap_err()));
    }

    #[test]
    fn replicas_allow_a_part_of_a_limit_each_and_at_least_one() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let shared = Limit { per_minute: number(20), burst: number(2) }.shared_by(number(3));
        assert_eq!((shared.per_minute.get(), shared.burst.get()), (7, 1));
        let throttle = Throttle::new(shared);
        assert_eq!([(); 2].map(|()| throttle.check(&"a").is_ok()), [true, false]);
    }

    #[test]
    fn memory_is_bounded_whatever_keys_are_tried() {
        let throttle = Throttle::new(Limit::per_minute(TWO));
        for key in 0..4 * MAX_KEYS {
            let _ = throttle.check(&key);
        }
        let most = MAX_KEYS as u64 + SWEEP_EVERY + SHARED;
        assert!(throttle.len() as u64 <= most, "{} keys", throttle.len());
    }

    #[test]
    fn many_networks_of_one_provider_have_a_limit_together() {
        let throttle = ClientThrottle::new(Limit::per_minute(TWO));
        let passed = (0..64).filter(|number| throttle.check(client(&format!("2001:db8:1:{number:x}::1"))).is_ok());
        assert_eq!(passed.count(), 16);
        assert!(throttle.check(client("2001:db8:2::1")).is_ok());
    }
}
