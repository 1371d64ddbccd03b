//! What clients are told of their limits: the headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::current_request::CURRENT;
pub use super::current_request::RateLimit;

static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Seconds that every quota is for.
const WINDOW: u32 = 60;

impl RateLimit {
    /// Has the answer to the request under way say so. Of several limits it names the one that is nearest.
    pub fn tell(self) {
        // Outside of a request nobody is told.
        let _ = CURRENT.try_with(|current| {
            if current.limit.get().is_none_or(|told| self.left <= told.left) {
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
