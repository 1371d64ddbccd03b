//! The service in one process, on SQLite and, where `tests/run` started a server, on PostgreSQL: lookup table,
//! placements, pages and privacy, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod agents;
mod analysis;
mod challenges;
mod choices;
mod confirmations;
mod contract;
mod corrections;
mod cors;
mod customers;
mod faces;
mod guesses;
mod keys;
mod known;
mod page_views;
mod pages;
mod parked;
mod placements;
mod provisioning;
mod refusals;
mod repeats;
mod search;
mod service;
mod signups;
