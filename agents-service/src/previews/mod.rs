//! "What if": the payments and signups of a period by other commission terms than those that counted. [`crate::commission::preview`] is the pure
//! part; [`queries`] reads the payments and [`signups`] the placements, and neither writes.

pub mod api;
pub mod queries;
pub mod requests;
pub mod signups;
