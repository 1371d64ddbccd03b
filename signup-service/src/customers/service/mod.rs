//! Whether a customer is served, and the accounts at the operator's systems. Accounts and their details may be personal, so they
//! stand in a table beside the log and are erased with the customer.

pub mod model;
pub mod table;
