//! Bank accounts: of agents, beside the log, and of the company, in the settings.

pub mod account;
pub mod requests;
