//! Erasure: what is personal of an agent, wherever it is kept. It stands above agents and support.

pub mod api;
pub mod commands;
