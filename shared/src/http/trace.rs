//! The thread that a request leaves through logs and events: a W3C trace context, taken over from the caller or new.

use axum::http::HeaderMap;

use crate::ids::{hex, unique_bytes};

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
        let id = id.map_or_else(|| hex(&unique_bytes()), str::to_owned);
        Self { id, span: hex(&unique_bytes()[..8]) }
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

/// Runs a request's answering with its trace.
pub(super) async fn scope<F: Future>(trace: Trace, answering: F) -> F::Output {
    CURRENT.scope(trace, answering).await
}
