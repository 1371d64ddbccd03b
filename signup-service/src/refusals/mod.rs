//! How often visitors were refused, by key, reason and stage. Refusals are counted in memory and recorded in the log
//! twice a minute, without anything about the visitors.

pub mod commands;
pub mod counting;
