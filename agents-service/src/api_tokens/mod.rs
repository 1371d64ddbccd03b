//! API tokens, by which programs sign in.

pub mod api;
pub mod authenticator;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
