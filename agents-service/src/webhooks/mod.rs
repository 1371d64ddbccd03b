//! Webhooks, by Standard Webhooks 1.0.0: endpoints that the events of the logs are posted to, signed, one after the other in the order
//! of the log. [`dispatch`] is a follower with a checkpoint for each endpoint and log: an event is delivered at least once, and only a
//! person leaves one out. URL, secrets and cursors stand beside the log ([`endpoints`], [`cursors`]).

pub mod api;
pub mod attempts;
pub mod commands;
pub mod cursors;
pub mod delivery;
pub mod dispatch;
pub mod endpoints;
pub mod lag;
pub mod model;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod saving;
pub mod schedule;
pub mod secret;
pub mod snapshot;
pub mod source;
pub mod test_event;
