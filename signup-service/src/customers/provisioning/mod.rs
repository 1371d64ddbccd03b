//! Whether customers are served: what the operator's systems, such as a softswitch, tell of them, and what the operator
//! decides. Accounts and details may be personal, so they stand in a table beside the log and are erased with the customer.

pub mod api;
pub mod commands;
pub mod model;
pub mod queries;
pub mod requests;
pub mod table;
