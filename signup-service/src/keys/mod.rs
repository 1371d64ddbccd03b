//! The lookup table: one row for each signup key, folded from the agents' events, and cached in memory while
//! notifications of changes arrive.

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
