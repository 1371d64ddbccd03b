//! Support: a board of messages for each agent. [`model`] records that there is a message; its text, which may be
//! personal, is in [`messages`].

pub mod api;
pub mod commands;
pub mod messages;
pub mod model;
pub mod requests;
