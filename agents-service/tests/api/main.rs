//! The service as its callers see it, in one process on SQLite: the paths where something could go wrong unseen.

mod agents;
mod contract;
mod office;
mod signup_keys;
mod tokens;
