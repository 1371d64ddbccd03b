//! How often something may happen in a minute, for each key. Counted in this process, in bounded memory, by digests of the keys.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client::Client;

/// Keys that are remembered at a time, some 64 bytes each. Beyond that keys share their counts.
pub const MAX_KEYS: usize = 100_000;
/// Counts that keys share then.
const SHARED: u64 = 1_024;
/// After so many questions, what has not been asked about lately is forgotten.
const SWEEP_EVERY: u64 = 4_096;
/// How many times the limit of one network a network around it has.
const WIDER: NonZeroU32 = NonZeroU32::new(8).unwrap();

/// A limit for each key.
pub struct Throttle {
    limiter: DefaultKeyedRateLimiter<u64>,
    hasher: RandomState,
    asked: AtomicU64,
    is_full: AtomicBool,
}

impl Throttle {
    /// So many in a minute for each key; all of them may come at once.
    pub fn per_minute(limit: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(limit));
        Self { limiter, hasher: RandomState::new(), asked: AtomicU64::new(0), is_full: AtomicBool::new(false) }
    }

    /// Counts one more; seconds to wait, when there were too many.
    pub fn check(&self, key: &impl Hash) -> Result<(), u32> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            self.is_full.store(self.limiter.len() > MAX_KEYS, Ordering::Relaxed);
        }
        let digest = self.hasher.hash_one(key);
        let digest = if self.is_full.load(Ordering::Relaxed) { digest % SHARED } else { digest };
        self.limiter.check_key(&digest).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now()).as_secs();
            u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1)
        })
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
    /// So many in a minute for each client.
    pub fn per_minute(limit: NonZeroU32) -> Self {
        Self { near: Throttle::per_minute(limit), wide: Throttle::per_minute(limit.saturating_mul(WIDER)) }
    }

    /// Counts one more; seconds to wait, when there were too many. Clients that cannot be told apart are not limited here.
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
        let throttle = Throttle::per_minute(TWO);
        assert_eq!([(); 3].map(|()| throttle.check(&"a").is_ok()), [true, true, false]);
        assert!(throttle.check(&"b").is_ok());
        assert!((1..=31).contains(&throttle.check(&"a").unwrap_err()));
    }

    #[test]
    fn memory_is_bounded_whatever_keys_are_tried() {
        let throttle = Throttle::per_minute(TWO);
        for key in 0..4 * MAX_KEYS {
            let _ = throttle.check(&key);
        }
        let most = MAX_KEYS as u64 + SWEEP_EVERY + SHARED;
        assert!(throttle.len() as u64 <= most, "{} keys", throttle.len());
    }

    #[test]
    fn many_networks_of_one_provider_have_a_limit_together() {
        let throttle = ClientThrottle::per_minute(TWO);
        let passed = (0..64).filter(|number| throttle.check(client(&format!("2001:db8:1:{number:x}::1"))).is_ok());
        assert_eq!(passed.count(), 16);
        assert!(throttle.check(client("2001:db8:2::1")).is_ok());
    }
}
