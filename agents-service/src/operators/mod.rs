//! Operators: the staff of the company. The last operator with every right is never disabled, and keeps them.
//! [`model`] decides, [`roles`] says what each role may do;
//! logins and passwords are in [`accounts`], never in an event.

pub mod accounts;
pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod roles;
pub mod sign_in;
pub mod snapshot;
