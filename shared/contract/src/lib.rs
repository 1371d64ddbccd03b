//! The published language of both services: their events with schemas and subjects, identifiers, keys, money, time, and the
//! rules of text, phone numbers and addresses. No input or output: what a consumer written in Rust depends on, alone.

pub mod clock;
pub mod codes;
pub mod collation;
pub mod decider;
pub mod email;
pub mod events;
pub mod ids;
pub mod key;
pub mod money;
pub mod phone;
pub mod shown_number;
pub mod text;
pub mod usable;
pub mod zone;
