//! What holds for every request, whatever its route: its trace, its time limit, its place in the metrics, and an answer
//! even when its handler breaks off.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use metrics::Histogram;

use super::REQUEST_TIMEOUT;
use super::problem::Problem;
use super::trace::{self, Trace};

/// The methods that the metrics tell apart; all others are one.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// The first digits of a status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// One route as the metrics see it. The path is the one of the route: what stands in its variable parts may be personal.
#[derive(Clone)]
pub(super) struct Endpoint(Arc<Series>);

struct Series {
    path: &'static str,
    /// Looked up once for each kind of answer.
    seconds: [[OnceLock<Histogram>; CLASSES.len()]; METHODS.len() + 1],
}

impl Endpoint {
    pub(super) fn new(path: &'static str) -> Self {
        Self(Arc::new(Series { path, seconds: Default::default() }))
    }

    fn answered(&self, method: usize, status: StatusCode, seconds: f64) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(CLASSES.len() - 1);
        let series = self.0.seconds[method][class].get_or_init(|| {
            let method = METHODS.get(method).map_or("other", Method::as_str).to_owned();
            metrics::histogram!(
                "signpost_http_seconds", "path" => self.0.path, "method" => method, "status" => CLASSES[class]
            )
        });
        series.record(seconds);
    }
}

/// Middleware: follows one request from its arrival to its answer.
pub(super) async fn attend(endpoint: Endpoint, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = METHODS.iter().position(|method| method == request.method()).unwrap_or(METHODS.len());
    let trace = Trace::of(request.headers());
    let id = HeaderValue::from_str(&trace.id);
    let mut response = trace::scope(trace, answer(request, next)).await;
    let (status, seconds) = (response.status(), started.elapsed().as_secs_f64());
    endpoint.answered(method, status, seconds);
    if let Ok(id) = id {
        tracing::debug!(id = ?id, path = endpoint.0.path, status = status.as_u16(), seconds, "answered");
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

async fn answer(request: Request, next: Next) -> Response {
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(REQUEST_TIMEOUT, answering).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request_id = trace::current_request_id(), "a request's handler broke off");
            Problem::internal().into_response()
        }
        Err(_) => Problem::unavailable().into_response(),
    }
}
