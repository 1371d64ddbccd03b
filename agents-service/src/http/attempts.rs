//! How often a password may be tried: for each login and each address that tries it, so that guessing is slow and a
//! stranger cannot lock an operator out. Counted in this process only; the setting for rate limits turns it off.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shared::http::Problem;

use crate::domain::text::folded;

/// Tries in a minute.
const TRIES: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Most logins and addresses that are remembered before the quiet ones are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// The tries of the last minute.
#[derive(Clone)]
pub struct Attempts(Option<Arc<DefaultKeyedRateLimiter<(IpAddr, String)>>>);

impl Attempts {
    /// Counts, or lets everything through.
    pub fn new(limited: bool) -> Self {
        Self(limited.then(|| Arc::new(RateLimiter::keyed(Quota::per_minute(TRIES)))))
    }

    /// Notes a try; a problem when there were too many.
    pub fn note(&self, from: &Extensions, login: &str) -> Result<(), Problem> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if limiter.len() > MAX_REMEMBERED {
            limiter.retain_recent();
        }
        let address = from.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0.ip());
        limiter.check_key(&(address, folded(login))).map_err(|not_before| {
            let wait = not_before.wait_time_from(DefaultClock::default().now()).as_secs();
            Problem::too_many_requests(u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_at_one_login_has_to_wait_and_other_logins_do_not() {
        let (attempts, from) = (Attempts::new(true), Extensions::new());
        for _ in 0..10 {
            attempts.note(&from, "anna").unwrap();
        }
        assert_eq!(attempts.note(&from, "ANNA").unwrap_err().kind, "too-many-requests");
        assert!(attempts.note(&from, "berta").is_ok());
        assert!((0..20).all(|_| Attempts::new(false).note(&from, "anna").is_ok()));
    }
}
