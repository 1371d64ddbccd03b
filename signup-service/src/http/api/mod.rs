//! The JSON API, one file for each thing.

pub mod customers;
pub mod log;
pub mod signup_keys;
pub mod signups;
