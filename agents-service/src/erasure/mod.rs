//! Erasure: what is personal of a closed agent goes, wherever it is kept. It stands above agents and support.

pub mod api;
pub mod commands;
