//! Projections of a log: events are folded into tables, and the checkpoint moves in the same transaction. Positions
//! are checked here, one by one, whatever the feed promises.

pub mod checkpoint;
pub mod followed_log;
mod other_service;
pub mod parked;
mod projection;
mod projector;
pub mod rebuild;
mod source;
mod step;
mod table;

pub use checkpoint::{Checkpoint, CheckpointState, TooFarBehind};
pub use followed_log::FollowedLog;
pub use other_service::OtherService;
pub use projection::{EventEnvelope, Keeper, Projection, envelopes};
pub use projector::Projector;
pub use table::{Difference, Sum, Table};
