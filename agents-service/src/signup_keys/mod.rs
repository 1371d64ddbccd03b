//! Signup keys: each stands for one agent, call plan and group. They stand above those nouns.

pub mod api;
pub mod commands;
pub mod model;
pub mod projection;
pub mod qr;
pub mod queries;
pub mod requests;
pub mod snapshot;
pub mod usability;
