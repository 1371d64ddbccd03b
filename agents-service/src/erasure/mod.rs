//! Erasure of all personal data of a closed agent, in all nouns. It stands above agents and support.

pub mod api;
pub mod commands;
