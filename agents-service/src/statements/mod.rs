//! Statements of what an agent earned and was paid: numbered without gaps, and the same for ever once issued.
//!
//! [`model`] decides, [`figures`] sums the ledger up, [`commands`] numbers. Each command expects the statement before its own to be there,
//! so that a number is never left out. Lines ([`lines`]) are read from the ledger up to the statement's position. Names and addresses
//! ([`names`]) stand beside the log; [`retention`] empties them when the time to keep them is over.

pub mod api;
pub mod check;
pub mod commands;
pub mod figures;
pub mod issue_all;
pub mod lines;
pub mod model;
pub mod names;
pub mod period;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod retention;
pub mod snapshot;
