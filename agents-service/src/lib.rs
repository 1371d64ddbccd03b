//! The agents service: agents, call plans, groups, signup keys, settings, operators and API tokens.
//! Of customers it knows what the signups' events say, and asks the other service for the rest; it never imports it.

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
pub mod fields;
pub mod grants;
pub mod groups;
pub mod handler;
pub mod maintenance;
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
