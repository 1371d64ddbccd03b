//! Limits on password attempts: for each client, for each client and login, and, much higher, for each login, so that
//! guessing is slow and a stranger cannot lock an account. Counted in this process only, in bounded memory, by
//! digests; the setting for rate limits turns it off.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use contract::text::folded;
use web::http::Problem;
use web::http::client::{Bucket, Client};
use web::http::throttle::{ClientThrottle, Limit, Throttle};

/// Attempts of one client in a minute, for all logins.
const TRIES_PER_CLIENT: NonZeroU32 = NonZeroU32::new(30).unwrap();
/// Attempts of one client at one login in a minute.
const TRIES_PER_LOGIN: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts of all clients at one login in a minute.
const TRIES_OF_ALL: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// Passwords of one client in the hashing queue, so that one client cannot fill it.
const AT_ONCE: u32 = 4;

struct Counters {
    of_client: ClientThrottle,
    of_login: Throttle,
    of_all: Throttle,
    at_once: Mutex<HashMap<Bucket, u32>>,
}

/// The attempts of the last minute; `None` without limits.
#[derive(Clone)]
pub struct Attempts(Option<Arc<Counters>>);

/// A client's place in the hashing queue, until it is dropped.
#[must_use]
pub struct Place(Option<(Arc<Counters>, Bucket)>);

impl Attempts {
    /// Limits for one of `replicas` replicas; `None` turns them off.
    pub fn new(replicas: Option<NonZeroU32>) -> Self {
        Self(replicas.map(|replicas| {
            let part = |tries| Limit::per_minute(tries).shared_by(replicas);
            Arc::new(Counters {
                of_client: ClientThrottle::new(part(TRIES_PER_CLIENT)).reported_as("sign-ins"),
                of_login: Throttle::new(part(TRIES_PER_LOGIN)).reported_as("sign-ins-at-login"),
                of_all: Throttle::new(part(TRIES_OF_ALL)),
                at_once: Mutex::default(),
            })
        }))
    }

    /// Counts an attempt; hold the place while the password is checked. Fails when there were too many attempts.
    pub fn note(&self, client: Client, login: &str) -> Result<Place, Problem> {
        let Some(counters) = &self.0 else { return Ok(Place(None)) };
        let login = folded(login);
        counters.of_client.check(client).map_err(Problem::too_many_requests)?;
        if let Some(bucket) = client.bucket() {
            counters.of_login.check(&(bucket, &login)).map_err(Problem::too_many_requests)?;
        }
        counters.of_all.check(&login).map_err(Problem::too_many_requests)?;
        let Some(bucket) = client.bucket() else { return Ok(Place(None)) };
        let mut at_once = counters.at_once.lock().unwrap_or_else(PoisonError::into_inner);
        let own = at_once.entry(bucket).or_default();
        if *own >= AT_ONCE {
            return Err(Problem::too_many_requests(1));
        }
        *own += 1;
        Ok(Place(Some((Arc::clone(counters), bucket))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((counters, bucket)) = &self.0 else { return };
        let mut at_once = counters.at_once.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = at_once.get_mut(bucket) {
            *own -= 1;
            if *own == 0 {
                at_once.remove(bucket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use web::http::client::TrustedProxies;

    use super::*;

    fn client(last: u8) -> Client {
        TrustedProxies::parse("").unwrap().client([203, 0, 113, last].into(), &HeaderMap::new())
    }

    #[test]
    fn the_eleventh_try_at_one_login_has_to_wait_and_other_logins_and_clients_do_not() {
        let attempts = Attempts::new(Some(NonZeroU32::MIN));
        for _ in 0..10 {
            drop(attempts.note(client(1), "anna").unwrap());
        }
        assert_eq!(attempts.note(client(1), "ANNA").err().unwrap().kind, "too-many-requests");
        assert!(attempts.note(client(1), "berta").is_ok());
        assert!(attempts.note(client(2), "anna").is_ok());
        assert!((0..200).all(|_| Attempts::new(None).note(client(1), "anna").is_ok()));
    }

    #[test]
    fn one_client_cannot_try_any_number_of_logins() {
        let attempts = Attempts::new(Some(NonZeroU32::MIN));
        let passed = (0..100).filter(|number| attempts.note(client(1), &format!("login{number}")).is_ok());
        assert_eq!(passed.count(), 30);
    }

    #[test]
    fn many_clients_cannot_try_one_login_for_ever() {
        let attempts = Attempts::new(Some(NonZeroU32::MIN));
        assert_eq!((0..=255).filter(|last| attempts.note(client(*last), "anna").is_ok()).count(), 100);
    }

    #[test]
    fn one_client_does_not_fill_the_queue_for_passwords() {
        let attempts = Attempts::new(Some(NonZeroU32::MIN));
        let held: Vec<_> = (0..4).map(|number| attempts.note(client(1), &format!("login{number}")).unwrap()).collect();
        assert!(attempts.note(client(1), "one-more").is_err());
        assert!(attempts.note(client(2), "one-more").is_ok());
        drop(held);
        assert!(attempts.note(client(1), "one-more").is_ok());
    }
}
