//! The signup service: a lookup table of signup keys that follows the agents' events, and the placements made with it.

pub mod app;
mod customers;
pub mod domain;
pub mod http;
pub mod keys;
pub mod operate;
pub mod placements;
