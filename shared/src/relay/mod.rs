//! From the log to its stream, so that message n is event n. The stream's own last sequence is the only cursor, and
//! `Nats-Expected-Last-Sequence` the fence: of two relays at once, one is refused and starts again where the stream is.

mod publish;
mod stream;
pub mod verify;

use std::time::Duration;

pub use stream::{Halt, StreamState, inspect, remove};

use crate::bus::{Bus, OLDEST_SERVER};
use crate::clock::Clock;
use crate::lease::{self, Lease};
use crate::log::Log;
use crate::sql::SqlError;

/// Pause before the stream is looked at again after a failure.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// Pause before the stream is looked at again while only an operator can help.
const HALT_PAUSE: Duration = Duration::from_secs(2);

/// Why publishing stopped for now.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The log cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// NATS does not answer, or not as asked; what is in the stream is looked at again.
    #[error("the stream cannot be written")]
    Bus(#[source] async_nats::Error),
    /// Publishing on would do harm.
    #[error(transparent)]
    Halted(#[from] Halt),
    /// Another process is the relay now.
    #[error("another process relays")]
    NotMine,
}

/// Publishes one log.
#[derive(Debug)]
pub struct Relay {
    log: Log,
    bus: Bus,
    replicas: usize,
    lease: Lease,
}

impl Relay {
    /// A relay to a stream that is kept on so many servers.
    pub fn new(log: Log, bus: Bus, replicas: usize, clock: Clock) -> Self {
        let lease = Lease::new(log.database().clone(), &format!("relay-{}", log.identity().service), clock);
        Self { log, bus, replicas, lease }
    }

    /// Publishes until the task is aborted.
    pub async fn run(mut self) {
        let service = self.log.identity().service;
        loop {
            let pause = match self.session().await {
                Ok(()) | Err(RelayError::NotMine) => lease::RENEW,
                Err(RelayError::Halted(halt)) => {
                    tracing::error!(log = service, error = %halt, "the relay has halted; see `signpost repair`");
                    HALT_PAUSE
                }
                Err(error) => {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(log = service, error = %error, source, "the relay stumbled; looking again");
                    RETRY_PAUSE
                }
            };
            metrics::gauge!("signpost_relay_halted", "log" => service).set(if pause == HALT_PAUSE { 1.0 } else { 0.0 });
            tokio::time::sleep(pause).await;
        }
    }

    /// From a look at the stream until something goes wrong.
    async fn session(&mut self) -> Result<(), RelayError> {
        if !self.lease.hold().await? {
            return Ok(());
        }
        if !self.bus.is_connected() {
            return Err(RelayError::Bus("not connected".into()));
        }
        if !self.bus.is_new_enough() {
            let (major, minor, _) = OLDEST_SERVER;
            let found = self.bus.client.server_info().version;
            return Err(Halt::OldServer { found, needed: format!("{major}.{minor}") }.into());
        }
        let position = stream::ready(&self.log, &self.bus, self.replicas).await?;
        publish::publish_from(&self.log, &self.bus, &mut self.lease, position).await
    }
}
