//! How often each key's signup page was shown. Views are counted in memory and recorded in the log twice a minute,
//! without anything about the visitors.

pub mod commands;
pub mod counting;
