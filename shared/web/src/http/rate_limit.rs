//! The headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::current_request::CURRENT;
pub use super::current_request::RateLimit;

static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The window of every quota, in seconds.
const WINDOW: u32 = 60;

impl RateLimit {
    /// Adds the headers to the response of the current request. Of several limits the response states the nearest.
    pub fn report(self) {
        // There is no response outside of a request.
        let _ = CURRENT.try_with(|current| {
            if current.limit.get().is_none_or(|other| self.left <= other.left) {
                current.limit.set(Some(self));
            }
        });
    }

    pub(super) fn write(self, headers: &mut HeaderMap) {
        let Self { policy, quota, left, reset } = self;
        let lines = [
            (&POLICY, format!("\"{policy}\";q={quota};w={WINDOW}")),
            (&LIMIT, format!("\"{policy}\";r={left};t={reset}")),
        ];
        for (name, line) in lines {
            if let Ok(line) = HeaderValue::try_from(line) {
                headers.insert(name, line);
            }
        }
    }
}
