//! What is known of a request while it is answered, for whoever works for it deeper down.

use std::cell::Cell;

tokio::task_local! {
    /// The request that is being answered.
    pub(super) static CURRENT: Current;
}

/// What is known of a request while it is answered.
pub(super) struct Current {
    pub(super) trace: Trace,
    /// The limit that its answer tells of.
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

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The name of the limit.
    pub policy: &'static str,
    /// Requests in a minute.
    pub quota: u32,
    /// Requests that may come at once now.
    pub left: u32,
    /// Seconds until all may come at once again; where none is left, until the next may come.
    pub reset: u32,
}
