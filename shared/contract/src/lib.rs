//! The published language of both services: their events with schemas and subjects, identifiers, keys, money, time,
//! and the rules of text, phone numbers and addresses. It has no I/O; a consumer in Rust depends on this crate alone.

pub mod agent_defaults;
pub mod bank;
pub mod canned_answers;
pub mod challenge;
pub mod clock;
pub mod codes;
pub mod collation;
pub mod colour;
pub mod commission;
pub mod decider;
pub mod email;
pub mod events;
pub mod ids;
pub mod key;
pub mod key_usability;
pub mod ledger;
pub mod money;
pub mod note;
pub mod permission;
pub mod phone;
pub mod roles;
pub mod selection;
pub mod shown_number;
pub mod statements;
pub mod tax;
pub mod text;
pub mod zone;
