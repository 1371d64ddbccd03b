//! Signup keys: each stands for one agent, call plan and group; [`model`] checks that they fit when a key is added. A
//! key is never used twice. [`usability`] finds the keys that visitors can sign up through now.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod qr;
pub mod queries;
pub mod requests;
pub mod snapshot;
pub mod usability;
