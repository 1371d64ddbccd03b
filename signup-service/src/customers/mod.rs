//! Customers: their personal data, in a table beside the log, and the words that customers are found by. Events hold no personal data,
//! so an erasure empties the row and leaves the placement, and the agent's figures stay.

pub mod api;
pub mod batch;
pub mod commands;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod restored;
pub mod table;
