//! Operators: the staff of the company.

pub mod accounts;
pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod sign_in;
pub mod snapshot;
