//! Customer groups: each belongs to at most one agent at a time. Moving a group changes nothing for the customers
//! placed before. [`model`] decides, with the state of the agent who gets the group.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
