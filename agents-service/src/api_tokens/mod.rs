//! API tokens, by which programs sign in: a name, scopes, and the digest of the token, which is shown once.
//! [`authenticator`] identifies their callers.

pub mod api;
pub mod authenticator;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
