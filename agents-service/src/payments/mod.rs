//! Payments received from customers, and what takes them back. A payment is a stream that its reference names: [`model`] decides,
//! [`customers`] finds who earns by it and by which terms, and every line of commission is made here, once.
//! [`signup_commission`] is for the signup in place of payments.

pub mod api;
pub mod attribution;
pub mod bulk;
pub mod commands;
pub mod customers;
pub mod earner;
pub mod model;
pub mod projection;
pub mod queries;
pub mod received;
pub mod requests;
pub mod reversal;
pub mod signup_commission;
pub mod signup_search;
pub mod snapshot;
