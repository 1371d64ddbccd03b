//! The thread that a request leaves through logs and events: a W3C trace context, taken over from the caller or new.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::ids::{hex, random_bytes};

tokio::task_local! {
    static CURRENT: Trace;
}

/// A request's place in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 32 hex digits: also the request's id.
    pub id: String,
    span: String,
}

impl Trace {
    /// The trace that the caller names, or a new one; in both cases a new span.
    pub fn of(headers: &HeaderMap) -> Self {
        let id = headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(trace_id);
        let id = id.map_or_else(|| hex(&random_bytes::<16>().unwrap_or([1; 16])), str::to_owned);
        Self { id, span: hex(&random_bytes::<8>().unwrap_or([1; 8])) }
    }

    /// As a `traceparent` header.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.id, self.span)
    }
}

/// The id in a well-formed `traceparent`.
fn trace_id(header: &str) -> Option<&str> {
    let mut parts = header.split('-');
    let (version, id, span) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let fits =
        version.len() == 2 && id.len() == 32 && span.len() == 16 && is_hex(version) && is_hex(id) && is_hex(span);
    (fits && id.bytes().any(|byte| byte != b'0')).then_some(id)
}

/// The id of the request that is being answered, or `none` outside of one.
pub fn current_request_id() -> String {
    CURRENT.try_with(|trace| trace.id.clone()).unwrap_or_else(|_| "none".to_owned())
}

/// The `traceparent` of the request that is being answered.
pub fn current_traceparent() -> Option<String> {
    CURRENT.try_with(Trace::traceparent).ok()
}

/// Middleware: gives each request its trace, logs it without what it carries, counts and times it.
pub async fn follow(request: Request, next: Next) -> Response {
    let trace = Trace::of(request.headers());
    // The path as it was routed: what stands in its variable parts may be personal.
    let path = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().to_string();
    let span = tracing::info_span!("request", id = trace.id, method, path);
    let started = Instant::now();
    let id = trace.id.clone();
    let mut response = CURRENT.scope(trace, next.run(request)).instrument(span.clone()).await;
    let seconds = started.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    metrics::histogram!("signpost_http_seconds", "path" => path, "method" => method, "status" => status.to_string())
        .record(seconds);
    span.in_scope(|| tracing::debug!(status, seconds, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
