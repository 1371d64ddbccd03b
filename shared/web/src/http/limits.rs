use std::time::Duration;

/// Largest request body, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Longest time that a request may take.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
