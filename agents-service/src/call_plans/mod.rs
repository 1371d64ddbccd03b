//! Call plans: what agents sell.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
