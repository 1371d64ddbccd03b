//! Remittances: an agent asks to be paid what they earned, and an operator approves and pays it. [`model`] decides each step; the log's
//! writer keeps the rows ([`projection`]), so that one bank reference pays one remittance.

pub mod api;
pub mod approvals;
pub mod commands;
pub mod facts;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
