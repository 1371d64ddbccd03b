//! The event log, for consumers.

pub mod api;
