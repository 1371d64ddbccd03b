//! The operator's theme, prepared once for each change of the settings: name, colour, logo, and content security
//! policies. A malformed setting is left out: a page without a logo is better than none.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use contract::colour::Colour;

use crate::keys::form_config::SignupFormConfig;
use crate::ui::assets::{self, Logo};

/// Allows only the service's own styles, scripts, pictures and forms, and no `<base>`.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors ";

#[derive(Default)]
pub struct Theme {
    /// Empty where the operator set none.
    pub name: String,
    /// The path of the stylesheet for the operator's colour.
    pub colour_path: Option<String>,
    pub logo: Option<Logo>,
    /// The policy of a page that may be framed.
    framed_policy: Option<HeaderValue>,
}

impl Theme {
    pub fn new(rules: &SignupFormConfig) -> Self {
        let branding = &rules.branding;
        let colour = branding.colour.strip_prefix('#').and_then(Colour::of_digits);
        Self {
            name: branding.name.clone(),
            colour_path: colour.map(assets::colour_path),
            logo: Logo::of(&branding.logo),
            framed_policy: framed_policy(&rules.frame_origins),
        }
    }

    pub fn logo_path(&self) -> Option<String> {
        self.logo.as_ref().map(|logo| format!("{}{}", assets::FOLDER, logo.name))
    }

    pub fn headers(&self, framed: bool) -> HeaderMap {
        let mut headers = HEADERS.clone();
        if let Some(policy) = self.framed_policy.as_ref().filter(|_| framed) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        }
        headers
    }

    /// The headers of the empty form. Browsers may cache it, so that "back" shows the form that was sent.
    pub fn form_headers(&self, framed: bool) -> HeaderMap {
        let mut headers = self.headers(framed);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers
    }
}

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut headers: HeaderMap =
        fixed.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect();
    headers.extend(policy("'none'").map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    headers
});

fn policy(ancestors: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{POLICY}{ancestors}")).ok()
}

/// The policy that lets these origins frame a page; `None` without origins. The settings check origins; this function
/// only drops an origin that would end the policy or stand for more than one.
fn framed_policy(origins: &[String]) -> Option<HeaderValue> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:/".contains(&byte);
    let names_a_host = |origin: &str| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty())
    };
    let sound = |origin: &&str| names_a_host(origin) && origin.bytes().all(plain);
    let origins: Vec<&str> = origins.iter().map(String::as_str).filter(sound).collect();
    if origins.is_empty() { None } else { policy(&origins.join(" ")) }
}

#[cfg(test)]
mod tests {
    use contract::events::agents::Branding;

    use super::*;

    fn policy_of(origins: &[&str], framed: bool) -> String {
        let frame_origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let theme = Theme::new(&SignupFormConfig { frame_origins, ..SignupFormConfig::default() });
        theme.headers(framed)[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    }

    #[test]
    fn only_an_embedded_page_may_be_framed_and_only_by_the_named_origins() {
        let origins = ["https://a.example", "https://b.example:8443"];
        assert!(policy_of(&origins, true).ends_with("frame-ancestors https://a.example https://b.example:8443"));
        assert!(policy_of(&origins, false).ends_with("frame-ancestors 'none'"));
        assert!(policy_of(&[], true).ends_with("frame-ancestors 'none'"));
        let harmful = ["*", "https:", "https://", "https://*", "https://a.example; script-src *"];
        assert!(policy_of(&harmful, true).ends_with("frame-ancestors 'none'"));
        assert!(policy_of(&["http://localhost:8000"], true).ends_with("frame-ancestors http://localhost:8000"));
    }

    #[test]
    fn malformed_settings_are_left_out() {
        let branding =
            Branding { name: "Harbour".to_owned(), colour: "red;}".to_owned(), logo: "not base64".to_owned() };
        let theme = Theme::new(&SignupFormConfig { branding, ..SignupFormConfig::default() });
        assert!(theme.colour_path.is_none() && theme.logo.is_none());
    }
}
