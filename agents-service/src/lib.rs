//! The agents service: a log of agents, call plans, groups, signup keys, operators, tokens and settings, and
//! projections of it.
//!
//! A noun is a folder: `model` (pure: state, decide, evolve), `commands`, `projection` (tables), `queries` (reads),
//! `requests` (checked input of clients), `api`. The nouns have an order: each uses the models and queries of the
//! nouns below it. Pages stand above all nouns, in `back_office` and `portal`, which do not depend on each other;
//! what both show is in `ui`. `registry` has an entry for each noun.
//!
//! A write: `requests` make a command, [`state::AppState::submit`] sends it to the log's writer, [`handler`] decides
//! it with its batch, and the projection follows the log. A read queries the tables. Placements come from the
//! signups' events; other data of customers is read from the signup-service over HTTP.

pub mod agents;
pub mod analysis;
pub mod api_tokens;
pub mod app;
pub mod auth;
pub mod back_office;
pub mod bank_accounts;
pub mod batch;
pub mod bootstrap;
pub mod bulk;
pub mod call_plans;
pub mod cli;
pub mod columns;
pub mod command;
pub mod commission;
pub mod customers;
pub mod domain_error;
pub mod endpoint;
pub mod erasure;
pub mod events;
pub mod facts;
mod fields;
pub mod grants;
pub mod groups;
pub mod handler;
pub mod ledger;
pub mod life;
pub mod listing;
pub mod maintenance;
#[cfg(test)]
mod markup;
pub mod menu;
pub mod names;
pub mod operators;
pub mod paging;
pub mod payments;
pub mod payout_file;
pub mod portal;
pub mod previews;
pub mod projection;
mod quarters;
pub mod registry;
pub mod remittances;
pub mod report;
pub mod restored;
pub mod router;
pub mod sales;
#[cfg(test)]
mod samples;
pub mod settings;
pub mod signup_keys;
pub mod sorting;
pub mod start_error;
pub mod state;
pub mod statement_document;
pub mod statements;
pub mod support;
pub mod ui;
pub mod webhooks;
