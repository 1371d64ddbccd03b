//! Signups: a checked form becomes a placed customer, or the reason why not. The key is read again in the transaction that places the
//! customer, so a stale page never places anybody; caps, addresses and numbers are counted across the whole batch.

pub mod api;
pub mod commands;
pub mod customer_number;
pub mod model;
pub mod placing;
pub mod projection;
pub mod requests;
pub mod unkeyed;
