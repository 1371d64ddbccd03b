//! Trace contexts (W3C), taken over from the caller or new, which link requests, logs and events.

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

/// The trace id of a valid `traceparent`. A later version may have more behind the flags.
fn trace_id(header: &str) -> Option<u128> {
    let mut parts = header.split('-');
    let (version, id) = (number(parts.next()?, 2)?, number(parts.next()?, 32)?);
    let (span, _flags) = (number(parts.next()?, 16)?, number(parts.next()?, 2)?);
    let is_valid = version != 0xff && id != 0 && span != 0 && (version != 0 || parts.next().is_none());
    is_valid.then_some(id)
}

/// So many lower-case hex digits.
fn number(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex { u128::from_str_radix(text, 16).ok() } else { None }
}

/// The id of the current request, or `none` outside of one.
pub fn current_request_id() -> String {
    CURRENT.try_with(|current| current.trace.id()).unwrap_or_else(|_| "none".to_owned())
}

/// The `traceparent` of the current request.
pub fn current_traceparent() -> Option<String> {
    CURRENT.try_with(|current| current.trace.traceparent()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_trace_is_taken_over_and_any_other_begins_anew() {
        let id = Some(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        for (header, expected) in [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", id),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", id),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be", id),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", None),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", None),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", None),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", None),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", None),
            ("", None),
        ] {
            assert_eq!(trace_id(header), expected, "{header}");
        }
    }

    #[test]
    fn what_is_passed_on_is_valid() {
        let trace = Trace::of(&HeaderMap::new());
        assert_eq!(trace_id(&trace.traceparent()), Some(trace.id));
    }
}
