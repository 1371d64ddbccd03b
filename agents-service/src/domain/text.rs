//! Texts that people type, by the one rule of both services.

pub use shared::text::{Rule, Violation, folded, login};
