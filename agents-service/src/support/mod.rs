//! Support: messages between agents and the operator.

pub mod api;
pub mod commands;
pub mod messages;
pub mod model;
pub mod requests;
