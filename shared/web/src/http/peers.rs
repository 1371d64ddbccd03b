//! Open connections of each client, limited so that one client cannot take all of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, Once, PoisonError};

use metrics::counter;

use super::client::{Bucket, TrustedProxies};

/// Most connections of one client. Trusted proxies may have more: they carry many clients, and their requests are
/// limited.
pub const MAX_CONNECTIONS_OF_ONE: usize = 256;

type Open = Arc<Mutex<HashMap<Bucket, usize>>>;

/// The connected clients.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    proxies: TrustedProxies,
    open: Open,
}

/// A client's share for one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(Option<(Open, Bucket)>);

impl Peers {
    pub(super) fn new(proxies: TrustedProxies) -> Self {
        Self { proxies, open: Open::default() }
    }

    /// A share for a connection from this address; `None` where its client has reached the limit.
    pub(super) fn place(&self, peer: IpAddr) -> Option<Place> {
        let Some(client) = self.proxies.bucket_of_peer(peer) else { return Some(Place(None)) };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client).or_default();
        if *count >= MAX_CONNECTIONS_OF_ONE {
            log_refused(peer);
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(&self.open), client))))
    }
}

/// Counts a refused connection, and logs the first: a proxy that is not trusted carries more than one client.
fn log_refused(peer: IpAddr) {
    static LOGGED: Once = Once::new();
    counter!("signpost_connections_refused_total").increment(1);
    LOGGED.call_once(|| {
        tracing::warn!(%peer, "has {MAX_CONNECTIONS_OF_ONE} connections; more are refused: if it is a proxy, see SIGNPOST_TRUSTED_PROXIES");
    });
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((open, client)) = &self.0 else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(client) {
            *count -= 1;
            if *count == 0 {
                open.remove(client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_has_so_many_places_and_leaves_them_to_others() {
        let peers = Peers::new(TrustedProxies::parse("192.0.2.1").unwrap());
        let place = |text: &str| peers.place(text.parse().unwrap());
        let mut taken: Vec<_> = (0..MAX_CONNECTIONS_OF_ONE).map(|_| place("2001:db8::1").unwrap()).collect();
        assert!(place("2001:db8::2").is_none(), "it is of the same client");
        assert!(place("2001:db8:0:1::1").is_some() && place("198.51.100.1").is_some());
        taken.pop();
        assert!(place("2001:db8::2").is_some());
        drop(taken);
        assert!(peers.open.lock().unwrap().is_empty());
        let proxied: Vec<_> = (0..=MAX_CONNECTIONS_OF_ONE).map(|_| place("::ffff:192.0.2.1")).collect();
        assert!(proxied.iter().all(Option::is_some));
    }
}
