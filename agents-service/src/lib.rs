//! The agents service: agents, call plans, groups, signup keys, settings, operators and API tokens.
//! Knows nothing of customers and signups, and never imports the other service.

pub mod accounts;
pub mod app;
pub mod desk;
pub mod domain;
mod first_start;
pub mod http;
pub mod operate;
pub mod passwords;
pub mod sessions;
pub mod views;
