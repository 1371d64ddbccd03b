//! Signup URLs: composed when shown, never stored, with plain words about a customer interface URL that cannot work.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where the setting is found, as every warning says.
const WHERE: &str = "Correct it in the settings, under Signup, Customer Interface URL.";

/// The URL of a key. A user or password in the setting is left out: whoever is shown a URL or its QR code could read it.
pub fn compose(customer_interface_url: &str, key: &str) -> String {
    let base = customer_interface_url.trim().trim_end_matches('/');
    match user_part(base) {
        Some(user) => format!("{}/signup/{key}", base.replacen(&format!("{user}@"), "", 1)),
        None => format!("{base}/signup/{key}"),
    }
}

/// Why a text must not become the setting, whatever else it is.
pub fn refused(customer_interface_url: &str) -> Option<&'static str> {
    if user_part(customer_interface_url).is_some() {
        Some("must not hold a user or a password: everybody who gets a signup URL could read them")
    } else if customer_interface_url.contains(['?', '#']) {
        Some("must not have a query or a fragment: the key could not follow them")
    } else {
        None
    }
}

/// What stands before the host.
fn user_part(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map(|(user, _)| user)
}

/// What an agent puts into a page of their own to show the form there. Neither part can hold a quote once the URL has no warnings, and
/// whatever else it holds is escaped. The frame is never higher than the screen, so that whoever has sent the form at its end sees
/// what came of it at its beginning.
pub fn frame_snippet(customer_interface_url: &str, key: &str) -> String {
    let url = compose(customer_interface_url, key);
    let url = url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<iframe src=\"{url}?embed=1\" title=\"Sign up\" loading=\"lazy\" width=\"100%\" height=\"1000\" \
         style=\"max-height:100vh;border:0\"></iframe>"
    )
}

/// What is wrong with a customer interface URL, in plain words; empty when it looks right.
pub fn warnings(customer_interface_url: &str) -> Vec<String> {
    let Some(parts) = Parts::of(customer_interface_url.trim()) else {
        let quoted = if customer_interface_url.trim().is_empty() { "is empty, and" } else { "is not a URL, and" };
        return vec![format!("The customer interface URL {quoted} signup URLs made from it will not open. {WHERE}")];
    };
    let mut found = Vec::new();
    if !parts.https {
        found.push(format!(
            "The customer interface URL does not begin with https. Others can read what visitors type. {WHERE}"
        ));
    }
    if let Some(fault) = host_fault(&parts.host) {
        found.push(format!("The customer interface URL {fault}, so visitors elsewhere cannot open this URL. {WHERE}"));
    }
    if parts.doubles_signup {
        found.push(format!(
            "The customer interface URL ends with /signup. Remove that: every signup URL adds it. {WHERE}"
        ));
    }
    found
}

/// Whether a URL is one that a browser opens as a page, and not something else that a browser does.
pub fn opens(url: &str) -> bool {
    Parts::of(url).is_some()
}

/// The parts of a URL that matter here.
struct Parts {
    https: bool,
    host: String,
    doubles_signup: bool,
}

impl Parts {
    /// `None` when the text is not an http or https URL, or has a query or fragment that a path cannot follow.
    fn of(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let https = scheme.eq_ignore_ascii_case("https");
        let known = https || scheme.eq_ignore_ascii_case("http");
        if !known || text.chars().any(|letter| letter.is_whitespace() || "?#\\\"<>^`{|}".contains(letter)) {
            return None;
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (_, path) = rest.split_once('/').unwrap_or((rest, ""));
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        Some(Self { https, host: host_of(host_and_port)?, doubles_signup: last.eq_ignore_ascii_case("signup") })
    }
}

/// The host without its port, in lower case and without a final dot; `None` when there is none that is well formed.
pub fn host_of(host_and_port: &str) -> Option<String> {
    if let Some(rest) = host_and_port.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let port_fits = port.is_empty() || is_port(port.strip_prefix(':')?);
        return address.parse::<Ipv6Addr>().ok().filter(|_| port_fits).map(|address| address.to_string());
    }
    let (host, port) = host_and_port.split_once(':').unwrap_or((host_and_port, "80"));
    let host = host.strip_suffix('.').unwrap_or(host).to_lowercase();
    let labels_fit = host.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    });
    // Browsers read a last label of digits as part of an address, so it must be a whole one.
    let numeric = host.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    let address_fits = !numeric || host.parse::<Ipv4Addr>().is_ok();
    (labels_fit && address_fits && is_port(port)).then_some(host)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Why a host is out of reach for the public.
fn host_fault(host: &str) -> Option<String> {
    match host.parse::<IpAddr>() {
        Ok(address) => address_fault(address).map(|fault| format!("points at {fault} ({host})")),
        Err(_) if host == "localhost" => Some("points at localhost".to_owned()),
        Err(_) if host.ends_with(".localhost") => Some(format!("points at localhost ({host})")),
        Err(_) if PRIVATE_ENDINGS.iter().any(|ending| host.ends_with(ending)) => {
            Some(format!("points at a name of a private network ({host})"))
        }
        Err(_) if !host.contains('.') => Some(format!("has a host name without a dot ({host})")),
        Err(_) => None,
    }
}

const PRIVATE_ENDINGS: [&str; 6] = [".local", ".internal", ".lan", ".home.arpa", ".intranet", ".localdomain"];

/// Why an address cannot be reached from elsewhere, or leads into this machine's own network.
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

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, or behind a translation (`64:ff9b::/96`, `2002::/16`).
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

/// `fec0::/10`: what private addresses were before.
fn is_site_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfec0
}

/// 100.64.0.0/10: addresses behind a carrier's own translation.
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
    fn a_path_that_doubles_signup_is_told() {
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
    fn what_is_no_url_is_said_to_be_none() {
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
