//! The agents service: agents, call plans, groups, signup keys, settings, operators and API tokens.
//! Of customers it knows what the signups' events say, and asks the other service for the rest; it never imports it.

pub mod accounts;
pub mod agents;
pub mod app;
pub mod batch;
pub mod bootstrap;
pub mod call_plans;
pub mod cli;
pub mod columns;
pub mod command;
pub mod commands;
pub mod customers;
pub mod domain;
pub mod domain_error;
pub mod facts;
pub mod groups;
pub mod handler;
pub mod http;
pub mod logins;
pub mod maintenance;
pub mod messages;
pub mod paging;
pub mod passwords;
pub mod projections;
pub mod restored;
pub mod sessions;
pub mod settings;
pub mod signup_keys;
pub mod start_error;
pub mod url_check;
