//! How often strangers may call: for each address, and for each key whoever calls. Counted in this process only, in bounded
//! memory; a setting turns it off for load tests.

use std::convert::Infallible;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shared::http::Problem;
use shared::key::{Key, candidates};

/// Signups from one address in a minute.
pub const SIGNUPS_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// Pages and lookups for one address in a minute.
pub const PAGES_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(240).unwrap();
/// Signups through one key in a minute.
pub const SIGNUPS_PER_KEY: NonZeroU32 = NonZeroU32::new(600).unwrap();
/// Pages for an unusable key that are noted in the log in a minute.
pub const TOLD_REFUSALS_PER_KEY: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// The same, for one address.
pub const TOLD_REFUSALS_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// After so many questions, what has not been asked about lately is forgotten.
const SWEEP_EVERY: u64 = 4_096;

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from, as far as it can be told apart from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers))
    }
}

impl Address {
    /// The address of the connection, or, where that is a proxy of our own network, the one that the proxy says.
    fn of(extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
        let said = headers.get(&FORWARDED_FOR).and_then(|value| value.to_str().ok());
        // The last one is the proxy's own word; those before it are anybody's.
        let said = said.and_then(|list| list.rsplit(',').next()).and_then(|text| text.trim().parse().ok());
        Self(network(if is_ours(peer) { said.unwrap_or(peer) } else { peer }))
    }
}

fn is_ours(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// One customer of a provider has all addresses of an IPv6 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address @ IpAddr::V4(_) => address,
    }
}

struct Counter<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    asked: AtomicU64,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn per_minute(limit: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::keyed(Quota::per_minute(limit)), asked: AtomicU64::new(0) }
    }

    /// Seconds to wait, when there were too many.
    fn check(&self, key: &K) -> Result<(), u32> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now()).as_secs();
            u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1)
        })
    }
}

struct Counters {
    signups_of_address: Counter<Address>,
    pages_of_address: Counter<Address>,
    signups_of_key: Counter<String>,
    told_of_key: Counter<String>,
    told_of_address: Counter<Address>,
}

/// All limits; none when they are off.
#[derive(Clone)]
pub struct Limits(Option<Arc<Counters>>);

impl Limits {
    /// Limits that are on or off.
    pub fn new(on: bool) -> Self {
        Self(on.then(|| {
            Arc::new(Counters {
                signups_of_address: Counter::per_minute(SIGNUPS_PER_ADDRESS),
                pages_of_address: Counter::per_minute(PAGES_PER_ADDRESS),
                signups_of_key: Counter::per_minute(SIGNUPS_PER_KEY),
                told_of_key: Counter::per_minute(TOLD_REFUSALS_PER_KEY),
                told_of_address: Counter::per_minute(TOLD_REFUSALS_PER_ADDRESS),
            })
        }))
    }

    /// May this address look at one more page or key?
    pub fn page(&self, address: Address) -> Result<(), Problem> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.pages_of_address.check(&address).map_err(Problem::too_many_requests)
    }

    /// May this address sign up once more, and may anybody through this key?
    pub fn signup(&self, address: Address, key: &str) -> Result<(), Problem> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.signups_of_address.check(&address).map_err(Problem::too_many_requests)?;
        // However it was typed, it is one key; texts that mean none are counted together.
        let key = candidates(key).pop().map(Key::into_string).unwrap_or_default();
        counters.signups_of_key.check(&key).map_err(Problem::too_many_requests)
    }

    /// Is a page that was shown for an unusable key still worth a line in the log?
    pub fn is_worth_telling(&self, address: Address, key: &str) -> bool {
        let Some(counters) = &self.0 else { return true };
        counters.told_of_address.check(&address).is_ok() && counters.told_of_key.check(&key.to_owned()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: [u8; 4], said: Option<&'static str>) -> Address {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from((peer, 1))));
        let mut headers = HeaderMap::new();
        if let Some(said) = said {
            headers.insert("x-forwarded-for", said.parse().unwrap());
        }
        Address::of(&extensions, &headers)
    }

    #[test]
    fn only_a_proxy_of_our_own_network_is_believed() {
        let visitor = Address(IpAddr::from([203, 0, 113, 9]));
        assert_eq!(address([10, 0, 0, 1], Some("1.2.3.4, 203.0.113.9")), visitor);
        assert_eq!(address([203, 0, 113, 9], Some("1.2.3.4")), visitor);
        assert_eq!(address([203, 0, 113, 9], None), visitor);
    }

    #[test]
    fn one_address_is_stopped_while_another_goes_on() {
        let limits = Limits::new(true);
        let (eager, calm) = (address([203, 0, 113, 1], None), address([203, 0, 113, 2], None));
        let outcomes: Vec<bool> = (0..=SIGNUPS_PER_ADDRESS.get()).map(|_| limits.signup(eager, "k").is_ok()).collect();
        assert!(outcomes[0]);
        assert!(!outcomes[outcomes.len() - 1]);
        assert!(limits.signup(calm, "k").is_ok());
        assert!(Limits::new(false).signup(eager, "k").is_ok());
    }
}
