//! The lookup table: what the agents' events amount to for each signup key, served from memory where it can be trusted.
//! Knows nothing of customers or HTTP.

pub mod batch;
mod cache;
mod changes;
mod derive;
pub mod events;
pub mod form_config;
pub mod model;
pub mod placed;
pub mod projection;
pub mod queries;
pub mod rows;
pub mod shared;
pub mod unknown_key;
pub mod watch;
