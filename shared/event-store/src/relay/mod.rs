//! The relay publishes the log to its stream, so that message n is event n. The stream's own last sequence is the
//! only cursor, and `Nats-Expected-Last-Sequence` the fence: of two relays, one is refused and starts again at the
//! stream's end. The relay creates a stream at the first start of a log only, and never deletes one: faults are left
//! to `repair`.

mod config;
mod error;
mod halt;
mod messages;
mod publish;
mod published;
mod run;
mod state;
mod stream;
pub mod survey;
pub mod verify;
mod witness;

pub use config::wanted as wanted_config;
pub use error::RelayError;
pub use halt::Halt;
pub use messages::{Messages, Stored};
pub use state::Relay;
pub use stream::{StreamState, create, inspect, reconfigure, remove, seal};
pub use witness::witness;
