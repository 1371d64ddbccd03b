//! Origins whose pages may show the signup form in a frame: scheme, host and port for a content security policy,
//! without anything that could end or widen it. Origins use https, except for the local machine, where frames are
//! tested.

use url::{Host, Url};

use crate::settings::signup_url::has_plain_host;

/// Most origins; together they must fit into one header.
pub const MAX_ORIGINS: usize = 30;
/// In characters.
pub const MAX_LENGTH: usize = 100;
/// Hosts of the local machine, whose pages cannot be changed on the way.
const OWN_MACHINE: [&str; 2] = ["localhost", "127.0.0.1"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is https (http for localhost and 127.0.0.1 only), a host name in ASCII, perhaps a port, and nothing behind it: \
     https://shop.example"
)]
pub struct NotAnOrigin;

/// The origin in lower case.
pub fn frame_origin(text: &str) -> Result<String, NotAnOrigin> {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let url = Url::parse(&text).ok().filter(|_| text.len() <= MAX_LENGTH).ok_or(NotAnOrigin)?;
    let is_safe = match (url.scheme(), url.host()) {
        ("https", Some(Host::Domain(name))) => !name.ends_with('.'),
        ("https", Some(Host::Ipv4(_))) => true,
        ("http", _) => url.host_str().is_some_and(|host| OWN_MACHINE.contains(&host)),
        _ => false,
    };
    let origin = url.origin().ascii_serialization();
    let is_whole = text == origin || url.port_or_known_default().is_some_and(|port| text == format!("{origin}:{port}"));
    let fits = is_safe && is_whole && url.port() != Some(0) && has_plain_host(&url, &text);
    if fits { Ok(text) } else { Err(NotAnOrigin) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_in_lower_case() {
        for (typed, kept) in [
            ("https://shop.example", "https://shop.example"),
            (" HTTPS://Shop.Example/ ", "https://shop.example"),
            ("https://shop.example:8443", "https://shop.example:8443"),
            ("https://xn--r8jz45g.jp", "https://xn--r8jz45g.jp"),
            ("http://localhost:5500", "http://localhost:5500"),
            ("HTTP://127.0.0.1:8000/", "http://127.0.0.1:8000"),
            ("https://localhost", "https://localhost"),
        ] {
            assert_eq!(frame_origin(typed).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn nothing_that_ends_or_widens_a_policy_is_an_origin() {
        for text in [
            "",
            "*",
            "https:",
            "https://",
            "https://*",
            "https://*.example",
            "http://shop.example",
            "http://localhost.shop.example",
            "http://shop.localhost",
            "http://localhost@shop.example",
            "http://localhost:*",
            "http://127.0.0.2",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://shop.example/page",
            "https://shop.example?x",
            "https://shop.example; script-src *",
            "https://a.example https://b.example",
            "https://a.example,https://b.example",
            "https://user@shop.example",
            "https://shop.example:",
            "https://shop.example:*",
            "https://shop.example:0",
            "https://shop.example.",
            "https://[::1]",
            "https://例え.jp",
            "'self'",
            "data:",
        ] {
            assert_eq!(frame_origin(text), Err(NotAnOrigin), "{text}");
        }
        assert!(frame_origin(&format!("https://{}.example", "a".repeat(MAX_LENGTH))).is_err());
    }
}
