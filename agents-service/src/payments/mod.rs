//! Payments received from customers, and what takes them back. A payment is a stream that its reference names: [`model`] decides,
//! and every line of commission is made here, once, with the terms that counted.

pub mod earner;
pub mod model;
pub mod reversal;
