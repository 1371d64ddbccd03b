//! A2Billing's signup links, with the key as a query parameter: they redirect to the key's page here with their other
//! parameters.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use contract::events::signups::{Campaign, RefusalReason, RefusalStage};
use contract::key::{candidates, cut_out};

use crate::pages::outcome_pages::UnusablePage;
use crate::pages::site::Site;
use crate::ui::page_request::PageRequest;

/// `GET /signup.php?key=...` and `GET /customer/signup.php?key=...`
pub async fn moved(State(site): State<Site>, uri: Uri, visit: PageRequest) -> Response {
    if let Some(target) = target(uri.query().unwrap_or_default()) {
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, target)]).into_response();
    }
    // A text that can be no key is not put into a URL.
    site.counts.refusals.count("", None, (RefusalReason::Unknown, RefusalStage::Page), Campaign::default());
    UnusablePage::response(&site.context(&visit), RefusalReason::Unknown)
}

fn target(query: &str) -> Option<HeaderValue> {
    let (mut key, mut kept) = (None, form_urlencoded::Serializer::new(String::new()));
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == "key" {
            key = Some(value);
        } else {
            kept.append_pair(&name, &value);
        }
    }
    let key = key?;
    // A text that means a key holds only letters, digits and hyphens.
    let key = Some(cut_out(&key)).filter(|key| !candidates(key).is_empty())?;
    let kept = kept.finish();
    let mark = if kept.is_empty() { "" } else { "?" };
    HeaderValue::from_str(&format!("/signup/{key}{mark}{kept}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_link_leads_to_the_key_with_the_rest_kept() {
        for (query, location) in [
            ("key=0123456789AB", "/signup/0123456789AB"),
            ("key=summer-24&utm_source=a%26b%20c", "/signup/summer-24?utm_source=a%26b+c"),
            ("lang=de&key=%20summer-24&embed=1", "/signup/summer-24?lang=de&embed=1"),
            ("key=summer-24&x=%0d%0aSet-Cookie:y", "/signup/summer-24?x=%0D%0ASet-Cookie%3Ay"),
            ("key=one-key&key=another-key", "/signup/another-key"),
            ("key=summer-24%29.", "/signup/summer-24"),
        ] {
            assert_eq!(target(query).unwrap(), location, "{query}");
        }
    }

    #[test]
    fn a_text_that_can_be_no_key_leads_to_no_page() {
        for query in
            ["", "key", "key=", "key=..", "key=%2e%2e%2fadmin", "key=//evil.example", "key=%0d%0aX:y", "key=a?b"]
        {
            assert!(target(query).is_none(), "{query}");
        }
    }
}
