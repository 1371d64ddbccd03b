//! E-mail addresses, by the one rule of both services.

pub use shared::email::{Email, MAX_LENGTH, searched};
