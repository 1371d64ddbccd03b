//! Addresses without a route. A damaged signup link (cut out of a sentence, with doubled slashes or in capitals)
//! redirects to its page; any other address gets an error page in browsers, and a problem in programs.

use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect};
use contract::events::signups::Campaign;
use contract::key::{candidates, cut_out};
use web::http::Problem;
use web::http::accept::wants_page;
use web::http::api::Showing;

use crate::fields::campaign::{NAMES, from_link, parameter};
use crate::pages::outcome_pages::ErrorPage;
use crate::pages::site::Site;
use crate::ui::page_request::PageRequest;

pub fn nowhere(site: Site, parts: Parts, problem: Problem) -> Showing {
    Box::pin(async move {
        if let Some(target) = meant(&parts.uri) {
            return Redirect::temporary(&target).into_response();
        }
        if !wants_page(&parts.headers) {
            return problem.into_response();
        }
        let visit = PageRequest::of(&parts.uri, &parts.headers);
        let context = site.context(&visit);
        let general = context.general();
        let (heading, explanation) = match problem.status {
            StatusCode::NOT_FOUND => (general.nothing_here, general.nothing_here_explained),
            _ => (general.not_arrived, general.not_arrived_explained),
        };
        ErrorPage { context: &context, heading, explanation, request_id: String::new() }.response(problem.status)
    })
}

/// The signup page that a damaged address means.
fn meant(uri: &Uri) -> Option<String> {
    let mut parts = uri.path().split('/').filter(|part| !part.is_empty());
    let (folder, key, end) = (parts.next()?, parts.next()?, parts.next());
    let key = cut_out(key);
    if !folder.eq_ignore_ascii_case("signup") || end.is_some() || candidates(key).is_empty() {
        return None;
    }
    let target = format!("/signup/{key}");
    // A redirect to the same address would loop: the route exists for another method.
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    (target != uri.path()).then(|| format!("{target}{query}"))
}

/// Splits a path with query parameters stuck to its key: the key, and the request with their campaign.
pub fn unglued(key: &str, mut visit: PageRequest) -> (String, PageRequest) {
    let Some(at) = key.find(['?', '&']) else { return (key.to_owned(), visit) };
    let (key, glued) = (&key[..at], &key[at + 1..]);
    let pairs: Vec<_> = form_urlencoded::parse(glued.as_bytes()).collect();
    let mut glued = from_link(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    if glued != Campaign::default() {
        for name in NAMES {
            if let (Some(kept), Some(glued)) = (parameter(&mut visit.campaign, name), parameter(&mut glued, name)) {
                *kept = kept.take().or_else(|| glued.take());
            }
        }
    }
    (key.to_owned(), visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_nearly_a_signup_pages_leads_there() {
        for (address, target) in [
            ("/signup/summer-24/", Some("/signup/summer-24")),
            ("//signup/summer-24", Some("/signup/summer-24")),
            ("/SIGNUP/SUMMER-24?utm_source=x", Some("/signup/SUMMER-24?utm_source=x")),
            ("/signup/summer-24/).?lang=de", None),
            ("/signup/summer-24/more", None),
            ("/signup/a/", None),
            ("/signup/summer-24", None),
            ("/elsewhere/summer-24/", None),
        ] {
            assert_eq!(meant(&address.parse().unwrap()).as_deref(), target, "{address}");
        }
    }
}
