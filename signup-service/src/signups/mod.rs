//! Signups: a checked form becomes a placed customer, or is refused with a reason. The key is read again in the
//! transaction that places the customer, so a stale page never places a customer; caps, addresses and numbers are
//! checked across the whole batch.

pub mod api;
pub mod challenge;
pub mod commands;
pub mod customer_number;
pub mod model;
pub mod placing;
pub mod projection;
pub mod requests;
pub mod unkeyed;
