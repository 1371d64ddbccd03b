//! Confirmations: what a visitor is shown after a signup on a page, at an address that nobody can guess. The row is
//! written beside the log, in the transaction of the signup, so it is there once the signup is. It holds a digest of
//! the address only, and is removed after some days, or with the customer's personal data.

pub mod address;
pub mod batch;
pub mod expiry;
pub mod model;
pub mod table;
