//! The thread that a request leaves through logs and events: a W3C trace context, taken over from the caller or new.

use axum::http::{HeaderMap, HeaderName};

use super::current_request::CURRENT;
pub use super::current_request::Trace;
use contract::ids::{hex, unique, unique_half};

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

impl Trace {
    /// The trace that the caller names, or a new one; in both cases a new span.
    pub fn of(headers: &HeaderMap) -> Self {
        let id = headers.get(&TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(trace_id);
        Self { id: id.unwrap_or_else(unique), span: unique_half() }
    }

    /// 32 hex digits: also the request's id.
    pub fn id(&self) -> String {
        hex(&self.id.to_be_bytes())
    }

    /// As a `traceparent` header.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.id(), hex(&self.span.to_be_bytes()))
    }
}

/// The id in a well-formed `traceparent`.
fn trace_id(header: &str) -> Option<u128> {
    let mut parts = header.split('-');
    let (version, id, span) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let fits =
        version.len() == 2 && id.len() == 32 && span.len() == 16 && is_hex(version) && is_hex(id) && is_hex(span);
    let id = if fits { u128::from_str_radix(id, 16).ok()? } else { 0 };
    (id != 0).then_some(id)
}

/// The id of the request that is being answered, or `none` outside of one.
pub fn current_request_id() -> String {
    CURRENT.try_with(|current| current.trace.id()).unwrap_or_else(|_| "none".to_owned())
}

/// The `traceparent` of the request that is being answered.
pub fn current_traceparent() -> Option<String> {
    CURRENT.try_with(|current| current.trace.traceparent()).ok()
}
