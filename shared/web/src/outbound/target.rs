//! Whether a typed URL may become the target of requests.

use std::net::IpAddr;

use url::{Host, Url};

use super::address::is_public;

/// Longest URL, in bytes.
pub const MAX_URL: usize = 2_000;
/// Characters that no URL needs unescaped.
const NOT_IN_A_URL: &str = "\\\"<>^`{|}";
/// Names that are known in one network only.
const PRIVATE_NAMES: [&str; 6] = [".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa"];

/// Why a URL cannot be a target. Completes "the URL ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetFault {
    /// It is no URL, or one with parts that have no use here.
    #[error("must be a URL such as https://hooks.example.com/signpost, without blanks, user, password and fragment")]
    NotPlain,
    /// Others could read the requests.
    #[error("must begin with https://")]
    NotHttps,
    /// The host is written so that it looks like another one.
    #[error("must name its host plainly: a name of letters, digits, hyphens and dots, or an address in its usual form")]
    Disguised,
    /// The host is not of the public Internet.
    #[error("must not point at a private or special address")]
    NotPublic,
}

impl TargetFault {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotPlain => "invalid",
            Self::NotHttps => "not_https",
            Self::Disguised => "disguised",
            Self::NotPublic => "not_public",
        }
    }
}

/// Reads a typed URL. `may_be_private` also allows http, and hosts that only the service can reach.
pub fn read(text: &str, may_be_private: bool) -> Result<Url, TargetFault> {
    let is_foreign = |letter: char| letter.is_whitespace() || letter.is_control() || NOT_IN_A_URL.contains(letter);
    if text.len() > MAX_URL || text.contains(is_foreign) {
        return Err(TargetFault::NotPlain);
    }
    let url = Url::parse(text).map_err(|_| TargetFault::NotPlain)?;
    if url.scheme() != "https" && !(url.scheme() == "http" && may_be_private) {
        return Err(TargetFault::NotHttps);
    }
    let authority = authority(text).ok_or(TargetFault::NotPlain)?;
    if authority.contains('@') || url.fragment().is_some() || url.port() == Some(0) {
        return Err(TargetFault::NotPlain);
    }
    let host = url.host().ok_or(TargetFault::NotPlain)?;
    if !is_written_plainly(&host, authority) {
        return Err(TargetFault::Disguised);
    }
    if may_be_private || may_be_reached(&host) { Ok(url) } else { Err(TargetFault::NotPublic) }
}

/// The host and the port in a URL's text.
fn authority(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())
}

/// Browsers and clients read numbers such as 127.1 or 0x7f000001 as an address, and many letters as others.
fn is_written_plainly(host: &Host<&str>, authority: &str) -> bool {
    let written = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match host {
        Host::Ipv4(address) => written == address.to_string(),
        Host::Ipv6(address) => written.parse() == Ok(*address),
        Host::Domain(name) => {
            written.eq_ignore_ascii_case(name)
                && name.split('.').all(|label| !label.is_empty() && label.bytes().all(is_plain))
        }
    }
}

/// Whether a host may be one of the public Internet; a name may still resolve to another address.
fn may_be_reached(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(*address)),
        Host::Domain(name) => name.contains('.') && !PRIVATE_NAMES.iter().any(|end| name.ends_with(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_public_urls_are_targets() {
        for text in [
            "https://hooks.example.com",
            "https://hooks.example.com:8443/a/b?token=1%20x",
            "HTTPS://Hooks.Example.com/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]:8443/x",
            "https://xn--bcher-kva.example/",
        ] {
            assert!(read(text, false).is_ok(), "{text}");
        }
        assert!(read("http://127.0.0.1:9999/hook", true).is_ok());
    }

    fn are_refused(fault: TargetFault, texts: &[&str]) {
        for text in texts {
            assert_eq!(read(text, false), Err(fault), "{text}");
        }
    }

    #[test]
    fn disguised_urls_are_refused() {
        for (fault, texts) in [
            (
                TargetFault::NotPlain,
                &[
                    "",
                    "hooks.example.com",
                    "https:/hooks.example.com",
                    "https:///127.0.0.1/",
                    "https://user@hooks.example.com/",
                    "https://hooks.example.com@127.0.0.1/",
                    "https://user:password@hooks.example.com/",
                    "https://hooks.example.com\\@127.0.0.1/",
                    "https://hooks.example.com/ x",
                    "https://hooks.example.com/\n",
                    "https://hooks.example.com/#here",
                    "https://hooks.example.com:0/",
                    "https://1.2.3.4.5/",
                    "https://[fe80::1%25eth0]/",
                ] as &[&str],
            ),
            (TargetFault::NotHttps, &["http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd"]),
            (
                TargetFault::Disguised,
                &[
                    "https://2130706433/",
                    "https://0x7f000001/",
                    "https://0x7f.1/",
                    "https://017700000001/",
                    "https://0177.0.0.1/",
                    "https://127.1/",
                    "https://127.0.0.1./",
                    "https://hooks.example.com./",
                    "https://127%2e0%2e0%2e1/",
                    "https://%31%32%37.0.0.1/",
                    "https://１２７.０.０.１/",
                    "https://ⓛocalhost/",
                    "https://127。0。0。1/",
                    "https://1572395042/",
                    "https://büecher.example/",
                ],
            ),
        ] {
            are_refused(fault, texts);
        }
        assert_eq!(read("http://127.1/", true), Err(TargetFault::Disguised));
    }

    #[test]
    fn private_and_special_hosts_are_refused() {
        let texts = [
            "https://localhost/",
            "https://LOCALHOST/",
            "https://a.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://kubernetes/",
            "https://0.0.0.0/",
            "https://10.0.0.1/",
            "https://100.64.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://192.168.0.1/",
            "https://203.0.113.1/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::7f00:1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:0:7f00:1::]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[ff02::1]/",
            "https://[2001:db8::1]/",
        ];
        are_refused(TargetFault::NotPublic, &texts);
    }
}
