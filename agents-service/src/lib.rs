//! The agents service: agents, call plans, groups, signup keys, settings, operators and API tokens.
//! Of customers it knows what the signups' events say, and asks the other service for the rest; it never imports it.

pub mod accounts;
pub mod app;
pub mod bootstrap;
pub mod cli;
pub mod commands;
pub mod customers;
pub mod domain;
pub mod http;
pub mod logins;
pub mod maintenance;
pub mod messages;
pub mod passwords;
pub mod projections;
pub mod restored;
pub mod sessions;
pub mod start_error;
pub mod url_check;
