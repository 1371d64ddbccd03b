//! Customers: a client of the signup-service, which stores them. Nothing of a customer is stored here.

pub mod client;
