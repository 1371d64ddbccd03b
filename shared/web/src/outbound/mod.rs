//! Requests to foreign addresses that people type. Where they may go is checked twice: [`target`] checks the URL when it is saved,
//! and [`Outbound`] checks each address that it connects to. It resolves a name once, connects to what it has checked,
//! follows no redirect and uses no proxy, so that nobody can make the service talk to what only the service reaches.

pub mod address;
mod client;
pub mod target;

pub use client::{Answer, NotSent, Outbound};
