//! The journeys: the product's promises, tested from outside with real processes, on the embedded pair and on
//! servers. One file each; `tests/run` starts the servers.

mod agents;
mod api_document;
mod architecture;
mod at_rest;
mod bad_input;
mod black_box;
mod browser;
mod challenge;
mod commands;
mod configuration;
mod confirmations;
mod contract;
mod demo;
mod events;
mod faults;
mod idempotency;
mod keys;
mod manual_page;
mod money;
mod nats;
mod postgres;
mod privacy;
mod readiness;
mod readme;
mod runbook;
mod sales;
mod samples;
mod selecting;
mod settings;
mod streams;
