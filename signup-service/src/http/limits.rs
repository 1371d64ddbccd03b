//! How often strangers may call: for each address, and for each key whoever calls. Counted in this process only, in bounded
//! memory; a setting turns it off for load tests.

use std::num::NonZeroU32;
use std::sync::Arc;

use shared::http::Problem;
use shared::http::client::Client;
use shared::http::throttle::{ClientThrottle, Throttle};
use shared::key::{Key, candidates};

/// Signups from one address in a minute.
pub const SIGNUPS_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// Pages and lookups for one address in a minute.
pub const PAGES_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(240).unwrap();
/// Signups through one key in a minute.
pub const SIGNUPS_PER_KEY: NonZeroU32 = NonZeroU32::new(600).unwrap();

struct Counters {
    signups_of_address: ClientThrottle,
    pages_of_address: ClientThrottle,
    signups_of_key: Throttle,
}

/// All limits; none when they are off.
#[derive(Clone)]
pub struct Limits(Option<Arc<Counters>>);

impl Limits {
    /// Limits that are on or off.
    pub fn new(on: bool) -> Self {
        Self(on.then(|| {
            Arc::new(Counters {
                signups_of_address: ClientThrottle::per_minute(SIGNUPS_PER_ADDRESS),
                pages_of_address: ClientThrottle::per_minute(PAGES_PER_ADDRESS),
                signups_of_key: Throttle::per_minute(SIGNUPS_PER_KEY),
            })
        }))
    }

    /// May this address look at one more page or key?
    pub fn page(&self, client: Client) -> Result<(), Problem> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.pages_of_address.check(client).map_err(Problem::too_many_requests)
    }

    /// May this address sign up once more, and may anybody through this key?
    pub fn signup(&self, client: Client, key: &str) -> Result<(), Problem> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.signups_of_address.check(client).map_err(Problem::too_many_requests)?;
        // However it was typed, it is one key; texts that mean none are counted together.
        let key = candidates(key).pop().map(Key::into_string).unwrap_or_default();
        counters.signups_of_key.check(&key).map_err(Problem::too_many_requests)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use shared::http::client::TrustedProxies;

    use super::*;

    fn client(last: u8) -> Client {
        TrustedProxies::nobody().client([203, 0, 113, last].into(), &HeaderMap::new())
    }

    #[test]
    fn one_address_is_stopped_while_another_goes_on() {
        let limits = Limits::new(true);
        let (eager, calm) = (client(1), client(2));
        let outcomes: Vec<bool> = (0..=SIGNUPS_PER_ADDRESS.get()).map(|_| limits.signup(eager, "k").is_ok()).collect();
        assert!(outcomes[0]);
        assert!(!outcomes[outcomes.len() - 1]);
        assert!(limits.signup(calm, "k").is_ok());
        assert!(Limits::new(false).signup(eager, "k").is_ok());
    }
}
