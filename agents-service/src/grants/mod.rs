//! Grants: which call plans an agent may sell. They are a part of the agent's history and decided in [`model`], which
//! stands above agents and call plans. One command grants or withdraws several plans: all of them or none.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
