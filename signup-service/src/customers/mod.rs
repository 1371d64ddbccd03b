//! Customers: their personal data, in a table beside the log, and the search words of customers. Events hold no
//! personal data, so an erasure empties the row, and the placement and the agent's sales stay.

pub mod api;
pub mod batch;
pub mod commands;
pub mod model;
pub mod projection;
pub mod provisioning;
pub mod queries;
pub mod requests;
pub mod restored;
pub mod service;
pub mod shown;
pub mod table;
