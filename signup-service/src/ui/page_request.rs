//! What a request says before a key is looked up: the language, whether the page stands in a frame, the campaign, and what
//! the browser suggests. Malformed values count as absent.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use contract::events::signups::Campaign;

use crate::fields::campaign::{NAMES, from_link, parameter};
use crate::ui::language::Language;
use crate::ui::suggestion::Suggestion;

#[derive(Clone, Debug)]
pub struct PageRequest {
    pub language: Language,
    /// The page stands in a frame of another site's page.
    pub embedded: bool,
    pub campaign: Campaign,
    pub suggestion: Suggestion,
}

impl<S: Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

impl PageRequest {
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let (mut language, mut embedded, mut campaign) = (None, false, Campaign::default());
        if let Some(query) = uri.query() {
            let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
            for (name, value) in &parameters {
                match name.as_ref() {
                    "lang" => language = Language::of_tag(value),
                    "embed" => embedded = value == "1",
                    _ => {}
                }
            }
            campaign = from_link(parameters.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
        }
        let accepted = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Language::accepted);
        let language = language.or_else(accepted).unwrap_or(Language::English);
        Self { language, embedded, campaign, suggestion: Suggestion::by(headers) }
    }
}

/// The query for this language and framing, without the campaign.
pub fn query(language: Language, embedded: bool) -> String {
    format!("?lang={}{}", language.tag(), if embedded { "&embed=1" } else { "" })
}

/// The campaign's part of a query.
pub fn campaign_query(mut campaign: Campaign) -> String {
    let mut query = String::new();
    for name in NAMES {
        if let Some(value) = parameter(&mut campaign, name).and_then(Option::take) {
            query.push('&');
            query.push_str(name);
            query.push('=');
            query.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(uri: &str, accepted: Option<&'static str>) -> PageRequest {
        let mut headers = HeaderMap::new();
        headers.extend(accepted.map(|text| (header::ACCEPT_LANGUAGE, text.parse().unwrap())));
        PageRequest::of(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn the_link_determines_the_language_else_the_browser_else_it_is_english() {
        assert_eq!(visit("/signup/K?lang=pt-BR", Some("de")).language, Language::Portuguese);
        assert_eq!(visit("/signup/K?lang=xx", Some("de")).language, Language::German);
        assert_eq!(visit("/signup/K", Some("nl,ar;q=0.5")).language, Language::Arabic);
        assert_eq!(visit("/signup/K", Some("nl")).language, Language::English);
        assert_eq!(visit("/signup/K", None).language, Language::English);
    }

    #[test]
    fn a_queries_parts_are_read_and_written_again() {
        let visit = visit("/signup/K?embed=1&utm_source=a%26b+c&lang=es&utm_term=%FF", None);
        assert!(visit.embedded);
        assert_eq!(query(visit.language, visit.embedded), "?lang=es&embed=1");
        assert_eq!(campaign_query(visit.campaign), "&utm_source=a%26b+c&utm_term=%EF%BF%BD");
    }
}
