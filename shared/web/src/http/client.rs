//! The client's address: the connection's, or the one that a trusted proxy states. The only reader of
//! `X-Forwarded-For` and `Forwarded` (RFC 7239).

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Once};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, header};
use ipnet::IpNet;

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies whose statements about their clients are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Reads a list such as `127.0.0.0/8, ::1, 10.0.0.0/8`; an address alone is a network of one. An empty list
    /// trusts no proxy.
    pub fn parse(text: &str) -> Option<Self> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let network = |word: &str| word.parse().or_else(|_| word.parse::<IpAddr>().map(IpNet::from)).ok();
        words.map(network).collect::<Option<_>>().map(Self)
    }

    /// Trusts proxies on this machine.
    pub fn loopback() -> Self {
        Self::parse("127.0.0.0/8, ::1").unwrap_or_else(Self::nobody)
    }

    /// Trusts no proxy.
    pub fn nobody() -> Self {
        Self(Arc::from([]))
    }

    /// Whether this address is a trusted proxy's.
    pub fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The bucket of connections from `peer`; `None` for a trusted proxy, which carries many clients.
    pub fn bucket_of_peer(&self, peer: IpAddr) -> Option<Bucket> {
        if self.has(peer) { None } else { Client(Some(peer.to_canonical())).bucket() }
    }

    /// The client of a connection from `peer`. Each proxy appends the address that it saw, and anything to the left
    /// of trusted proxies may be forged: so the client is the first address from the right that is no trusted
    /// proxy's. A malformed element ends the search.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.has(peer) {
            warn_of_unknown_proxy(peer, headers);
            return Client(Some(peer));
        }
        let hops = hops(headers);
        let mut client = hops.is_empty().then_some(peer);
        for hop in hops.iter().rev() {
            let Some(address) = address_in(hop) else { break };
            client = Some(address);
            if !self.has(address) {
                break;
            }
        }
        Client(client)
    }
}

/// Logs once that an apparent proxy is not trusted: all its visitors share one limit then, and the cause is hard to
/// find.
fn warn_of_unknown_proxy(peer: IpAddr, headers: &HeaderMap) {
    static LOGGED: Once = Once::new();
    let is_private = match peer {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    if is_private && (headers.contains_key(&FORWARDED_FOR) || headers.contains_key(header::FORWARDED)) {
        LOGGED.call_once(|| {
            tracing::warn!(%peer, "an apparent proxy is not trusted, so its visitors share limits: see SIGNPOST_TRUSTED_PROXIES");
        });
    }
}

/// The addresses that proxies state, the nearest last. `X-Forwarded-For` counts where both headers are sent.
fn hops(headers: &HeaderMap) -> Vec<&str> {
    let lines = |name: &HeaderName| -> Vec<_> {
        let lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
        lines.flat_map(|line| line.split(',')).map(str::trim).collect()
    };
    let forwarded_for = lines(&FORWARDED_FOR);
    if !forwarded_for.is_empty() {
        return forwarded_for;
    }
    lines(&header::FORWARDED).into_iter().map(named_in).collect()
}

/// The `for` of an element of `Forwarded`; empty where there is none.
fn named_in(element: &str) -> &str {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| name.eq_ignore_ascii_case("for")).map_or("", |(_, value)| value.trim_matches('"'))
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn address_in(hop: &str) -> Option<IpAddr> {
    let bare = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = hop.parse().ok().or_else(bare).or_else(with_port)?;
    Some(address.to_canonical())
}

/// The client; `None` where a trusted proxy does not state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(Option<IpAddr>);

/// Addresses that share a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket(IpAddr);

impl Client {
    /// The client of a request; this machine where no server recorded one.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(Some(IpAddr::from([127, 0, 0, 1]))))
    }

    /// The key of limits: the address, or its /64, which one customer of a provider has. `None` for an unknown
    /// client: one limit for all unknown clients would let one of them block the others.
    pub fn bucket(self) -> Option<Bucket> {
        self.network(64)
    }

    /// The /48 around it, so that a client with many /64 does not get as many limits. `None` for IPv4.
    pub fn wide_bucket(self) -> Option<Bucket> {
        self.network(48).filter(|bucket| bucket.0.is_ipv6())
    }

    fn network(self, prefix: u8) -> Option<Bucket> {
        Some(Bucket(match self.0? {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & (u128::MAX << (128 - prefix))).into(),
        }))
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(formatter),
            None => formatter.write_str("unknown"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: [u8; 4] = [10, 0, 0, 1];

    fn client(peer: [u8; 4], lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let proxies = TrustedProxies::parse("127.0.0.1/8, ::1, 10.0.0.0/8").unwrap();
        proxies.client(peer.into(), &headers).to_string()
    }

    fn forwarded_for(line: &str) -> String {
        client(PROXY, &[("x-forwarded-for", line)])
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client([203, 0, 113, 9], &[("x-forwarded-for", "192.0.2.1")]), "203.0.113.9");
        assert_eq!(client([192, 168, 0, 1], &[("x-forwarded-for", "192.0.2.1")]), "192.168.0.1");
        assert_eq!(client(PROXY, &[]), "10.0.0.1");
    }

    #[test]
    fn a_forged_header_does_not_hide_the_clients_address() {
        assert_eq!(forwarded_for("1.2.3.4, 203.0.113.9"), "203.0.113.9");
        assert_eq!(forwarded_for("1.2.3.4, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(forwarded_for("nonsense, 10.0.0.7"), "10.0.0.7");
        let two = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client(PROXY, &two), "203.0.113.9");
        let both = [("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client(PROXY, &both), "203.0.113.9");
    }

    #[test]
    fn every_way_to_write_an_address_is_read() {
        for (line, expected) in [
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(forwarded_for(line), expected, "{line}");
        }
        let forwarded = |line| client(PROXY, &[("forwarded", line)]);
        assert_eq!(forwarded("for=192.0.2.1;proto=https;by=10.0.0.1"), "192.0.2.1");
        assert_eq!(forwarded("for=1.2.3.4, For=\"[2001:db8::1]:4711\""), "2001:db8::1");
    }

    #[test]
    fn visitors_behind_an_unreadable_line_share_no_bucket() {
        for line in ["unknown", "_hidden", "", "192.0.2.1.9", "1.2.3.4, nonsense"] {
            assert_eq!(forwarded_for(line), "unknown", "{line}");
        }
        assert_eq!(Client(None).bucket(), None);
    }

    #[test]
    fn ipv6_counts_by_the_network_of_a_customer_and_a_wider_one() {
        let of = |text: &str| Client(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2::1").bucket(), of("2001:db8:1:2:3::9").bucket());
        assert_ne!(of("2001:db8:1:2::1").bucket(), of("2001:db8:1:3::1").bucket());
        assert_eq!(of("2001:db8:1:2::1").wide_bucket(), of("2001:db8:1:3::1").wide_bucket());
        assert_ne!(of("2001:db8:1::1").wide_bucket(), of("2001:db8:2::1").wide_bucket());
        assert_eq!(of("192.0.2.1").wide_bucket(), None);
    }

    #[test]
    fn a_text_that_is_no_network_is_refused() {
        for text in ["10.0.0.0/33", "proxy.example", "10.0.0.1-10.0.0.9"] {
            assert_eq!(TrustedProxies::parse(text), None, "{text}");
        }
        assert!(!TrustedProxies::parse("").unwrap().has(IpAddr::from([127, 0, 0, 1])));
    }
}
