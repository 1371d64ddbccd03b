//! What every HTTP face stands on: problems, bodies, callers, repeatable writes, the route table, events, health.
//! Knows nothing of the services' own words.

pub mod accept;
pub mod admin;
pub mod api;
pub mod body;
pub mod caller;
pub mod client;
mod current_request;
mod endpoint;
pub mod events;
mod field_errors;
mod head_timer;
mod json;
mod live;
mod peers;
pub mod problem;
pub mod query;
pub mod rate_limit;
mod reader;
pub mod serve;
pub mod streams;
pub mod throttle;
pub mod trace;
pub mod write;

pub use api::{Api, Operation};
pub use caller::{Admission, Authenticator, Caller};
pub use field_errors::FieldErrors;
pub use problem::Problem;
pub use query::Page;
pub use streams::Streams;
pub use write::{IfMatch, Write, replied};

/// Largest request body, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Longest time that a request may take.
pub const REQUEST_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
