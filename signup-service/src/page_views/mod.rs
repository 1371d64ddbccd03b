//! How often each key's signup page was shown. Views are counted in memory and recorded in the log twice a minute; nothing is
//! known of who looked.

pub mod commands;
pub mod counting;
