//! Texts that people type, by the one rule of both services.

pub use contract::text::{Rule, Violation, folded, login};
