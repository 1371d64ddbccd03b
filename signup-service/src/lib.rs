//! The signup service: a lookup table of signup keys that follows the agents' events, and the placements made with it.

pub mod domain;
pub mod http;
