//! E-mail addresses, by the one rule of both services.

pub use contract::email::{Email, MAX_LENGTH, searched};
