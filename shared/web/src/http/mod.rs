//! HTTP for both services: problems, bodies, callers, repeatable writes, the route table, event streams, rate limits,
//! the server and the admin port.

pub mod accept;
pub mod admin;
pub mod api;
pub mod body;
pub mod caller;
pub mod client;
pub mod cors;
mod current_request;
mod endpoint;
pub mod events;
mod field_errors;
mod head_timer;
mod json;
mod limits;
mod live;
mod openapi;
pub mod pages;
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

pub use api::Api;
pub use caller::{Admission, Authenticator, Caller};
pub use field_errors::FieldErrors;
pub use limits::{MAX_BODY_BYTES, REQUEST_TIMEOUT};
pub use openapi::{AFTER, Holds, LIMIT, NDJSON, Operation, Parameter};
pub use problem::Problem;
pub use query::Page;
pub use streams::Streams;
pub use write::{IfMatch, Write, replied};
