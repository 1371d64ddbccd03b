//! Signup keys: each stands for one agent, call plan and group, which are checked against each other in [`model`] when a key is
//! added. A key is never used twice. [`usability`] says which keys visitors can sign up through now.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod qr;
pub mod queries;
pub mod requests;
pub mod snapshot;
pub mod usability;
