//! Decisions about a customer's service: what the operator's systems, such as a softswitch, tell, and what the operator decides.

pub mod api;
pub mod commands;
pub mod model;
pub mod queries;
pub mod requests;
