//! What all pages of this service share: who is at the audience, the layout around a page, forms received and shown, tables.
//! Knows neither agents nor keys; those are in `back_office` and `portal`.

pub mod assets;
pub mod audience;
pub mod chart;
pub mod error_page;
pub mod form;
pub mod inputs;
pub mod layout;
pub mod routes;
pub mod submit;
pub mod table;
pub mod thread;

use std::sync::LazyLock;

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use web::http::Problem;

pub use audience::{Audience, Inside, RequestedBy, SignedIn};
pub use error_page::ErrorPage;
pub use form::{CsrfForm, Form, FormData, PageQuery};
pub use layout::{Layout, layout};
pub use routes::Routes;
pub use submit::{changed, confirmation, form_page, reason, redisplay, submit};

/// Our own stylesheet, script, images and forms, nothing from elsewhere, in nobody's frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    headers.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect()
});

/// Items of a list on a page.
pub const LIST_LIMIT: usize = 50;

/// What a handler of a page answers.
pub type PageResult = Result<Response, ErrorPage>;

/// A page.
pub fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

/// A page with another status than 200.
pub fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    let html = template.render().map_err(|error| Problem::unforeseen(&error))?;
    let mut response = html.into_response();
    *response.status_mut() = status;
    response.headers_mut().clone_from(&HEADERS);
    Ok(response)
}

/// To another page, after something was done there or here.
pub fn to(path: &str) -> PageResult {
    Ok(Redirect::to(path).into_response())
}

/// Where a thing is shown, after something was done to it.
pub fn redirect_with_notice(path: &str, word: &str) -> PageResult {
    to(&format!("{path}?done={word}"))
}

/// A number of things in words: "1 key", "3 keys".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
