//! "What if": the payments of a period by other commission terms than those that counted. [`crate::commission::preview`] is the pure
//! part; [`queries`] reads the payments from the log, and writes nothing.

pub mod api;
pub mod queries;
pub mod requests;
