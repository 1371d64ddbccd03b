//! Origins whose pages may show the signup form in a frame: scheme, host and port as a content security policy takes them, and
//! nothing that could end or widen one.

use super::signup_url::host_of;

/// Most origins; together they must fit into one header.
pub const MAX_ORIGINS: usize = 30;
/// The longest origin, in characters.
pub const MAX_LENGTH: usize = 100;

/// A text that is no origin which may be framed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an origin such as https://shop.example: https, a host name in ASCII, perhaps a port, and nothing behind it"
)]
pub struct NotAnOrigin;

/// The origin in lower case.
pub fn frame_origin(text: &str) -> Result<String, NotAnOrigin> {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let host_and_port = text.strip_prefix("https://").filter(|_| text.len() <= MAX_LENGTH).ok_or(NotAnOrigin)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte);
    let fits = host_and_port.bytes().all(plain) && !host_and_port.contains(".:") && !host_and_port.ends_with('.');
    if fits && host_of(host_and_port).is_some() { Ok(text) } else { Err(NotAnOrigin) }
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
