//! Grants: which call plans an agent may sell. They are a part of the agent's history.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
