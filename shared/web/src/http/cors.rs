//! Scripts of other sites that use the public API (CORS, as the Fetch standard has it). They send no cookies and no tokens.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::write::IDEMPOTENCY_KEY;

/// How long a browser may remember what is allowed.
const REMEMBERED: Duration = Duration::from_mins(10);
/// What scripts may read of an answer besides its body.
const READABLE: [&str; 6] =
    ["location", "retry-after", "ratelimit", "ratelimit-policy", "idempotent-replayed", "signpost-position"];

/// The API that scripts of other sites may use.
#[derive(Clone)]
pub struct PublicApi {
    paths: &'static [&'static str],
    layer: CorsLayer,
}

impl PublicApi {
    /// The paths that begin with one of these, for the origins that are allowed at the time of a request. `header` is one more
    /// header that scripts may send.
    pub fn new(
        paths: &'static [&'static str],
        header: &'static str,
        is_allowed: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        let origins =
            AllowOrigin::predicate(move |origin: &HeaderValue, _: &Parts| origin.to_str().is_ok_and(&is_allowed));
        let sent = [IDEMPOTENCY_KEY, header].map(HeaderName::from_static);
        let layer = CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(sent.into_iter().chain([header::CONTENT_TYPE, header::ACCEPT_LANGUAGE]).collect::<Vec<_>>())
            .expose_headers(READABLE.map(HeaderName::from_static))
            .max_age(REMEMBERED);
        Self { paths, layer }
    }
}

/// Answers what browsers ask before a script's request, and marks the answers that a script may read.
pub async fn share(State(api): State<PublicApi>, request: Request, next: Next) -> Response {
    if !api.paths.iter().any(|path| request.uri().path().starts_with(path)) {
        return next.run(request).await;
    }
    let shared: Result<Response<Body>, Infallible> = api.layer.layer(next).call(request).await;
    shared.into_response()
}
