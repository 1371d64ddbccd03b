//! The agents service: a log of what happened to agents, call plans, groups, signup keys, operators, tokens and settings, and
//! folds of it.
//!
//! A noun is a folder: `model` (pure: state, decide, evolve), `commands`, `projection` (tables), `queries` (reads), `requests` (what a
//! client describes, checked), `api`. The nouns form an order: each uses the model and the queries of those below it. Pages stand
//! above all nouns, in `back_office` and `portal`, which know nothing of each other; what both show is in `ui`. `registry` has an
//! entry for each noun.
//!
//! A write: `requests` make a command, [`state::AppState::submit`] hands it to the log's writer, [`handler`] decides it with its batch,
//! and the projection follows the log. A read asks the tables. Of customers the service knows what the signups' events say, and asks
//! the other service for the rest; it never imports it.

pub mod agents;
pub mod api_tokens;
pub mod app;
pub mod auth;
pub mod back_office;
pub mod batch;
pub mod bootstrap;
pub mod call_plans;
pub mod cli;
pub mod columns;
pub mod command;
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
pub mod maintenance;
pub mod menu;
pub mod names;
pub mod operators;
pub mod paging;
pub mod portal;
pub mod projection;
pub mod registry;
pub mod restored;
pub mod router;
pub mod sales;
#[cfg(test)]
mod samples;
pub mod settings;
pub mod signup_keys;
pub mod start_error;
pub mod state;
pub mod support;
pub mod ui;
