//! Call plans: what agents sell, by name, description and price text. A retired plan never comes back. [`model`]
//! decides.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod snapshot;
