//! Agents: resellers with terms, an account and a portal. An agent is created, suspended, reinstated and closed, and
//! a closed agent never comes back. [`model`] decides; personal and secret data are in [`accounts`], never in an
//! event.

pub mod accounts;
pub mod api;
pub mod commands;
pub mod fallback;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod sign_in;
pub mod snapshot;
pub mod terms_change;
