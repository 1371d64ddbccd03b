//! The service over HTTP, in one process, on SQLite and, where `tests/run` started one, on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test may end where something is not as it must be")]

mod agents;
mod analysis;
mod analysis_readers;
mod analysis_speed;
mod batches;
mod browser;
mod choosing;
mod conditions;
mod contract;
mod erasures;
mod grants;
mod json;
mod ledger;
mod lists;
mod messages;
mod names;
mod office;
mod operators;
mod pages;
mod paid;
mod parked;
mod payments;
mod payout_file;
mod portal;
mod previews;
mod remittances;
mod repeats;
mod roles;
mod sales;
mod search;
mod sessions;
mod settings;
mod several;
mod signup_commission;
mod signup_keys;
mod signups;
mod statement_files;
mod statements;
mod terms;
mod texts;
mod tokens;
mod truth;
