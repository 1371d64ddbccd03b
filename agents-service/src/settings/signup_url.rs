//! Signup URLs: composed when they are shown, never stored, with warnings about a customer interface URL that cannot
//! work.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Ends every warning.
const WHERE: &str = "Correct it in the settings, under Signup, Customer Interface URL.";

/// The URL of a key. A user or password in the setting is left out: every reader of the URL or its QR code could see
/// it.
pub fn compose(customer_interface_url: &str, key: &str) -> String {
    let base = customer_interface_url.trim().trim_end_matches('/');
    match user_part(base) {
        Some(user) => format!("{}/signup/{key}", base.replacen(&format!("{user}@"), "", 1)),
        None => format!("{base}/signup/{key}"),
    }
}

/// Why a text must not become the setting; other faults are warnings.
pub fn refused(customer_interface_url: &str) -> Option<&'static str> {
    if user_part(customer_interface_url).is_some() {
        Some("must not hold a user or a password: everybody who gets a signup URL could read them")
    } else if customer_interface_url.contains(['?', '#']) {
        Some("must not have a query or a fragment: the key could not follow them")
    } else {
        None
    }
}

/// The part before the host, in a text that may be no URL.
fn user_part(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map(|(user, _)| user)
}

/// The HTML to embed the form in an agent's page. URLs without warnings and keys hold no quotes, and all else is
/// escaped. The frame is never higher than the screen, so that a visitor who sends the form at its end sees the
/// result at its beginning.
pub fn frame_snippet(customer_interface_url: &str, key: &str) -> String {
    let url = compose(customer_interface_url, key);
    let url = url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<iframe src=\"{url}?embed=1\" title=\"Sign up\" loading=\"lazy\" width=\"100%\" height=\"1000\" \
         style=\"max-height:100vh;border:0\"></iframe>"
    )
}

/// Warnings about a customer interface URL; empty when it looks right.
pub fn warnings(customer_interface_url: &str) -> Vec<String> {
    let Some(url) = page_url(customer_interface_url.trim()) else {
        let quoted = if customer_interface_url.trim().is_empty() { "is empty, and" } else { "is not a URL, and" };
        return vec![format!("The customer interface URL {quoted} signup URLs made from it will not open. {WHERE}")];
    };
    let mut found = Vec::new();
    if url.scheme() != "https" {
        found.push(format!(
            "The customer interface URL does not begin with https. Others can read what visitors type. {WHERE}"
        ));
    }
    if let Some(fault) = url.host().and_then(|host| host_fault(&host)) {
        found.push(format!("The customer interface URL {fault}, so visitors elsewhere cannot open this URL. {WHERE}"));
    }
    let last = url.path().trim_end_matches('/').rsplit('/').next();
    if last.is_some_and(|last| last.eq_ignore_ascii_case("signup")) {
        found.push(format!(
            "The customer interface URL ends with /signup. Remove that: every signup URL adds it. {WHERE}"
        ));
    }
    found
}

/// Whether the host of a URL is known only near the service.
pub fn is_out_of_reach(url: &str) -> bool {
    page_url(url).is_some_and(|url| url.host().is_some_and(|host| host_fault(&host).is_some()))
}

/// Whether a browser opens the URL as a page, and does not run it (`javascript:`).
pub fn opens(url: &str) -> bool {
    page_url(url).is_some()
}

/// The URL of a page; `None` when the text is not an http or https URL, when a browser would correct it, or when it has
/// a query or a fragment, to which no path can be added.
fn page_url(text: &str) -> Option<Url> {
    if text.chars().any(|letter| letter.is_whitespace() || "?#\\\"<>^`{|}".contains(letter)) {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let is_absolute = text.get(url.scheme().len()..)?.strip_prefix("://").is_some_and(|rest| !rest.starts_with('/'));
    let fits = is_absolute && url.port() != Some(0) && has_plain_host(&url, text);
    fits.then_some(url)
}

/// Whether the host in a URL's text is a complete address, or a name of letters, digits, hyphens and underscores.
pub fn has_plain_host(url: &Url, text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match url.host() {
        // Browsers read numbers such as 127.1 as an address.
        Some(Host::Ipv4(address)) => text.contains(&address.to_string()),
        Some(Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name.split('.').all(|label| !label.is_empty() && label.bytes().all(is_plain))
        }
        None => false,
    }
}

/// Why a host is not public.
fn host_fault(host: &Host<&str>) -> Option<String> {
    let address = match host {
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
        Host::Domain(name) => return name_fault(name.strip_suffix('.').unwrap_or(name)),
    };
    address_fault(address).map(|fault| format!("points at {fault} ({address})"))
}

fn name_fault(name: &str) -> Option<String> {
    if name == "localhost" {
        Some("points at localhost".to_owned())
    } else if name.ends_with(".localhost") {
        Some(format!("points at localhost ({name})"))
    } else if PRIVATE_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        Some(format!("points at a name of a private network ({name})"))
    } else if name.contains('.') {
        None
    } else {
        Some(format!("has a host name without a dot ({name})"))
    }
}

const PRIVATE_ENDINGS: [&str; 6] = [".local", ".internal", ".lan", ".home.arpa", ".intranet", ".localdomain"];

/// Why an address is not public, or leads into this machine's own network.
pub fn address_fault(address: IpAddr) -> Option<&'static str> {
    let address = canonical(address);
    let private = match address {
        IpAddr::V4(four) => {
            let [first, ..] = four.octets();
            let is_reserved = first == 0 || first >= 224;
            four.is_private() || four.is_link_local() || is_carrier_grade(four) || is_reserved
        }
        IpAddr::V6(six) => {
            six.is_unique_local() || six.is_unicast_link_local() || six.is_multicast() || is_site_local(six)
        }
    };
    if address.is_loopback() {
        Some("a loopback address of the server itself")
    } else if address.is_unspecified() {
        Some("no address in particular")
    } else {
        private.then_some("a private address")
    }
}

/// The IPv4 address inside an IPv6 address: mapped, compatible, or translated (`64:ff9b::/96`, `2002::/16`).
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let four = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match six.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            four(high, low)
        }
        _ => address,
    }
}

/// `fec0::/10`: the deprecated private addresses.
fn is_site_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfec0
}

/// 100.64.0.0/10: addresses behind a carrier's NAT.
fn is_carrier_grade(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_composed_with_or_without_a_slash_or_a_path() {
        for base in ["https://my.example.com", "https://my.example.com/", " https://my.example.com// "] {
            assert_eq!(compose(base, "K3Y"), "https://my.example.com/signup/K3Y");
        }
        assert_eq!(compose("https://example.com/customer/", "K3Y"), "https://example.com/customer/signup/K3Y");
    }

    #[test]
    fn nothing_secret_is_in_a_signup_url() {
        let base = "https://admin:hunter22@my.example.com:8443/x";
        assert_eq!(compose(base, "K3Y"), "https://my.example.com:8443/x/signup/K3Y");
        assert!(!frame_snippet(base, "K3Y").contains("hunter22"));
        for url in
            [base, "https://token@my.example.com", "https://a@b@my.example.com", "https://my.example.com/?token=x"]
        {
            assert!(refused(url).is_some(), "{url}");
        }
        for url in ["https://my.example.com/#x", "https://my.example.com?"] {
            assert!(refused(url).is_some(), "{url}");
        }
        assert_eq!(refused("https://my.example.com/@shop"), None);
    }

    #[test]
    fn a_path_that_doubles_signup_is_a_warning() {
        for url in ["https://my.example.com/signup", "https://my.example.com/x/SIGNUP/"] {
            let found = warnings(url);
            assert!(found.len() == 1 && found[0].contains("every signup URL adds it"), "{url}: {found:?}");
        }
        assert!(warnings("https://my.example.com/signup-here").is_empty());
    }

    #[test]
    fn a_snippet_frames_the_form_and_nothing_else() {
        let snippet = frame_snippet("https://my.example.com/", "K3Y");
        assert!(snippet.starts_with("<iframe src=\"https://my.example.com/signup/K3Y?embed=1\" "));
        let hostile = frame_snippet("https://x\"><script>&", "K3Y");
        assert!(hostile.contains("https://x&quot;&gt;&lt;script&gt;&amp;/signup/K3Y"));
        assert_eq!(hostile.matches('<').count(), 2);
    }

    #[test]
    fn only_a_page_is_opened() {
        assert!(opens("https://my.example.com/signup/K3Y") && opens("http://localhost/signup/K3Y"));
        for url in ["javascript:alert(1)//", "data:text/html,x", "//my.example.com", "https://x\"><script>", ""] {
            assert!(!opens(url), "{url}");
        }
    }

    #[test]
    fn a_public_https_url_has_no_warning() {
        for url in ["https://my.example.com", "https://my.example.com:8443/x", "https://例え.jp", "https://8.8.8.8"] {
            assert!(warnings(url).is_empty(), "{url}: {:?}", warnings(url));
        }
    }

    #[test]
    fn a_url_that_only_the_operator_can_open_is_warned_about() {
        for (url, word) in [
            ("https://localhost:8080", "localhost"),
            ("https://LOCALHOST./x", "localhost"),
            ("https://shop.localhost", "localhost"),
            ("https://127.0.0.1", "loopback"),
            ("https://[::1]:8080/", "loopback"),
            ("https://[::ffff:127.0.0.1]", "loopback"),
            ("https://10.1.2.3", "private address"),
            ("https://192.168.0.1", "private address"),
            ("https://172.16.0.1", "private address"),
            ("https://100.64.0.1", "private address"),
            ("https://[fd00::1]", "private address"),
            ("https://[fe80::1]", "private address"),
            ("https://169.254.169.254", "private address"),
            ("https://[::ffff:10.0.0.1]", "private address"),
            ("https://[::10.0.0.1]", "private address"),
            ("https://[64:ff9b::7f00:1]", "loopback"),
            ("https://[2002:a00:1::1]", "private address"),
            ("https://[fec0::1]", "private address"),
            ("https://[ff02::1]", "private address"),
            ("https://0.1.2.3", "private address"),
            ("https://255.255.255.255", "private address"),
            ("https://[::]", "no address"),
            ("https://0.0.0.0", "no address"),
            ("https://printer.local", "private network"),
            ("https://box.internal", "private network"),
            ("https://user@localhost/", "localhost"),
            ("https://intranet", "without a dot"),
            ("http://my.example.com", "https"),
        ] {
            let found = warnings(url);
            assert!(found.len() == 1 && found[0].contains(word), "{url}: {found:?}");
        }
    }

    #[test]
    fn http_on_localhost_has_two_warnings() {
        assert_eq!(warnings("http://localhost:8080").len(), 2);
    }

    #[test]
    fn a_text_that_is_no_url_is_a_warning() {
        for url in [
            "",
            " ",
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///x",
            "https://a b.com",
            "https://[::1",
            "https://example.com:0",
            "https://example.com:x",
            "https://127.1",
            "https://2130706433",
            "https://a..b",
            "https://example.com/?x=1",
            "https://example.com/#top",
            "javascript://alert",
        ] {
            let found = warnings(url);
            assert!(found.len() == 1 && found[0].contains("will not open"), "{url}: {found:?}");
        }
    }
}
