//! How often visitors were refused, by key, reason and stage. Refusals are counted in memory and recorded in the log twice a minute;
//! nothing is known of who was refused.

pub mod commands;
pub mod counting;
