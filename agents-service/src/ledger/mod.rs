//! The ledger: what the company owes each agent, by currency, in double entry. [`entry`] makes the entries of an event, purely, so
//! that every balance is a fold of the log.

pub mod entry;
