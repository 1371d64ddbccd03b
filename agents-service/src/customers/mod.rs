//! Customers: the way to what the signup service keeps of them.

pub mod client;
