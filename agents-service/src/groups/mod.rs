//! Customer groups: each belongs to one agent at most.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
