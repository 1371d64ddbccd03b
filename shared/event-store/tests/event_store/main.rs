//! The contract of the log, its relay and its projectors: one suite, run on SQLite and on PostgreSQL with NATS. The
//! server half runs where `tests/run` has started the servers.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod fixture;
mod following;
mod log;
mod migrating;
mod money_samples;
mod parking;
mod published;
mod relaying;
mod settings_sample;
mod webhook_samples;
