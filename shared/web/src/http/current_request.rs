//! The request in progress, for code that does not get it as a parameter.

use std::cell::Cell;

tokio::task_local! {
    /// The request in progress.
    pub(super) static CURRENT: Current;
}

pub(super) struct Current {
    pub(super) trace: Trace,
    /// The limit that its response states.
    pub(super) limit: Cell<Option<RateLimit>>,
}

impl Current {
    pub(super) fn new(trace: Trace) -> Self {
        Self { trace, limit: Cell::new(None) }
    }
}

/// A request's place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub(super) id: u128,
    pub(super) span: u64,
}

/// The state of a client's rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The name of the limit.
    pub policy: &'static str,
    /// Requests in a minute.
    pub quota: u32,
    /// Requests that may come at once now.
    pub left: u32,
    /// Seconds until the whole quota is available; without any left, until the next request is allowed.
    pub reset: u32,
}
