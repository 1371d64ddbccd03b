//! The ledger: what the company owes each agent, by currency, in double entry. [`entry`] makes the entries of an event, purely; the
//! log's writer keeps them and their sums ([`projection`]), so that every balance is a fold of the log and decisions see it exactly.

pub mod amount;
pub mod api;
pub mod balances;
pub mod corrections;
pub mod entry;
pub mod overview;
pub mod projection;
pub mod queries;
