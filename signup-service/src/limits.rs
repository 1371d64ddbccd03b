//! Rate limits for visitors, by address and by key. Counted in this process only, in bounded memory; settings set the
//! limits or turn them off for load tests.

use std::num::NonZeroU32;
use std::sync::Arc;

use contract::key::normalised;
use web::http::Problem;
use web::http::client::Client;
use web::http::throttle::{ClientThrottle, Limit, Throttle};
use web::settings::RateLimits;

/// Forms of one address that are let through in a minute after a wait instead of a challenge: fewer than by solving it.
const WAITS: NonZeroU32 = NonZeroU32::new(4).unwrap();

struct Counters {
    signups_of_address: ClientThrottle,
    pages_of_address: ClientThrottle,
    signups_of_key: Throttle,
    waits_of_address: ClientThrottle,
}

/// `None` when the limits are off.
#[derive(Clone)]
pub struct Limits(Option<Arc<Counters>>);

impl Limits {
    pub fn new(limits: Option<RateLimits>) -> Self {
        Self(limits.map(|limits| {
            Arc::new(Counters {
                signups_of_address: ClientThrottle::new(limits.signups).reported_as("signups"),
                pages_of_address: ClientThrottle::new(limits.pages).reported_as("pages"),
                signups_of_key: Throttle::new(limits.signups_per_key).reported_as("signups-through-key"),
                waits_of_address: ClientThrottle::new(Limit::per_minute(WAITS).shared_by(limits.replicas)),
            })
        }))
    }

    /// Counts a page or a lookup of this address.
    pub fn page(&self, client: Client) -> Result<(), Problem> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.pages_of_address.check(client).map_err(Problem::too_many_requests)
    }

    /// Counts a signup of this address and through this key.
    pub fn signup(&self, client: Client, key: &str) -> Result<(), Problem> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.signups_of_address.check(client).map_err(Problem::too_many_requests)?;
        // All spellings of a key count as one; texts that mean no key are counted together.
        counters.signups_of_key.check(&normalised(key)).map_err(Problem::too_many_requests)
    }

    /// Counts a form that comes after a wait; fails with the seconds to wait on when there were too many.
    pub fn wait(&self, client: Client) -> Result<(), u32> {
        self.0.as_ref().map_or(Ok(()), |counters| counters.waits_of_address.check(client))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use web::http::client::TrustedProxies;
    use web::settings::Settings;

    use super::*;

    fn client(last: u8) -> Client {
        TrustedProxies::nobody().client([203, 0, 113, last].into(), &HeaderMap::new())
    }

    #[test]
    fn one_address_is_stopped_while_another_goes_on() {
        let limits = Settings::from([]).ok().unwrap().rate_limits;
        let most = limits.unwrap().signups.per_minute.get();
        let limits = Limits::new(limits);
        let (eager, calm) = (client(1), client(2));
        let outcomes: Vec<bool> = (0..=most).map(|_| limits.signup(eager, "k").is_ok()).collect();
        assert!(outcomes[0]);
        assert!(!outcomes[outcomes.len() - 1]);
        assert!(limits.signup(calm, "k").is_ok());
        assert!(Limits::new(None).signup(eager, "k").is_ok());
    }

    #[test]
    fn one_address_may_wait_less_often_than_it_may_sign_up() {
        let limits = Limits::new(Settings::from([]).ok().unwrap().rate_limits);
        let (eager, calm) = (client(1), client(2));
        assert_eq!((0..20).filter(|_| limits.wait(eager).is_ok()).count(), 4);
        assert!(limits.wait(eager).unwrap_err() <= 16);
        assert!(limits.wait(calm).is_ok() && limits.signup(eager, "k").is_ok());
        assert!(Limits::new(None).wait(eager).is_ok());
    }
}
