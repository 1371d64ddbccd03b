//! Operators: the staff of the company. The last operator who can sign in is never disabled. [`model`] decides;
//! logins and passwords are in [`accounts`], never in an event.

pub mod accounts;
pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod sign_in;
pub mod snapshot;
