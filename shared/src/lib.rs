//! What both Signpost services stand on: the log and its relay, the projectors, the event contract, the HTTP kit.
//! Knows neither agents nor signups beyond the contract of their events.

pub mod bus;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod collation;
pub mod decider;
pub mod email;
pub mod event_loop_lag;
pub mod events;
pub mod feed;
pub mod health;
pub mod http;
pub mod ids;
pub mod key;
pub mod lease;
pub mod log;
pub mod money;
pub mod phone;
pub mod process;
pub mod projections;
pub mod relay;
pub mod search;
pub mod settings;
pub mod sql;
pub mod telemetry;
pub mod text;
pub mod usable;
pub mod zone;
