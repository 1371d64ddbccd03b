//! From the log to its stream, so that message n is event n. The stream's own last sequence is the only cursor, and
//! `Nats-Expected-Last-Sequence` the fence: of two relays at once, one is refused and starts again where the stream is.
//! The relay makes a stream at the first start of a log only, and never deletes one: whatever it finds wrong is for `repair`.

mod config;
mod halt;
mod messages;
mod publish;
mod published;
mod stream;
pub mod survey;
pub mod verify;
mod witness;

use std::time::Duration;

pub use config::wanted as wanted_config;
pub use halt::Halt;
pub use messages::{Messages, Stored};
pub use stream::{StreamState, create, inspect, reconfigure, remove, seal};
pub use witness::witness;

use crate::bus::{Bus, OLDEST_SERVER};
use crate::health::{Dependency, Status, with_causes};
use crate::lease::{self, Lease};
use crate::log::Log;
use crate::sql::SqlError;

/// Messages that may be on their way at a time.
const WINDOW: u64 = 500;
/// Pause before the stream is looked at again after a failure: for each in a row so much more, and the longest.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// Pause before the stream is looked at again while only an operator can help; shorter than the lease lasts.
const HALT_PAUSE: Duration = Duration::from_secs(1);
/// How often the stream is looked at while there is nothing to publish.
const IDLE_LOOK: Duration = Duration::from_secs(2);
/// Failures in a row that are worth a word: a single one happens whenever two relays meet.
const WORTH_A_WORD: u32 = 2;

/// Why publishing stopped for now.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The log cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// NATS does not answer, or not as asked; what is in the stream is looked at again.
    #[error("the stream cannot be used")]
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
    health: Dependency,
    state: State,
    /// Whether the database remembers that the log was published.
    is_marked: bool,
}

/// What is known of a relay.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Starting,
    Fine,
    /// So many failures in a row.
    Failing(u32),
    Halted(Halt),
}

impl Relay {
    /// A relay to a stream that is kept on so many servers; its state is the state of `health`.
    pub fn new(log: Log, bus: Bus, replicas: usize, health: Dependency) -> Self {
        let lease = Lease::new(log.database().clone(), &format!("relay-{}", log.identity().service));
        Self { log, bus, replicas, lease, health, state: State::Starting, is_marked: false }
    }

    /// Publishes until the task is aborted.
    pub async fn run(mut self) {
        self.gauge(0.0);
        loop {
            let pause = match self.session().await {
                Ok(()) | Err(RelayError::NotMine) => {
                    self.is_fine();
                    lease::RENEW
                }
                Err(RelayError::Halted(halt)) => {
                    self.halted(halt).await;
                    HALT_PAUSE
                }
                Err(error) => {
                    let failures = self.stumbled(&error);
                    RETRY_PAUSE.0.saturating_mul(failures).min(RETRY_PAUSE.1)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// From a look at the stream until something goes wrong.
    async fn session(&mut self) -> Result<(), RelayError> {
        if !self.lease.hold().await? {
            return Ok(());
        }
        if !self.bus.is_connected() {
            return Err(RelayError::Bus("NATS is not connected".into()));
        }
        if !self.bus.is_new_enough() {
            let (major, minor, _) = OLDEST_SERVER;
            let found = self.bus.client.server_info().version;
            return Err(Halt::OldServer { found, needed: format!("{major}.{minor}") }.into());
        }
        // The database may be an older one than before.
        self.log.forget_beyond(self.log.head().await?.position);
        let place = stream::ready(&self.log, &self.bus, self.replicas).await?;
        publish::publish_from(self, place).await
    }

    /// The relay stops until an operator decides: the one place where that becomes known.
    async fn halted(&mut self, halt: Halt) {
        let state = State::Halted(halt);
        if self.state == state {
            return;
        }
        if let State::Halted(halt) = &state {
            if halt.says_that_the_log_lost_events()
                && let Err(error) = self.log.halt(&halt.to_string()).await
            {
                tracing::warn!(error = with_causes(&error), "the log cannot be halted; trying again");
                return;
            }
            self.gauge(1.0);
            self.health.set_lasting(Status::Degraded(format!("the relay has halted: {halt}; run `signpost repair`")));
        }
        self.state = state;
    }

    /// The stream holds the log up to this position, and the relay goes on: the one place where that becomes known.
    async fn running(&mut self, position: u64) -> Result<(), RelayError> {
        if position > 0 && !self.is_marked {
            published::mark_published(&self.log).await?;
            self.is_marked = true;
        }
        if self.state != State::Fine {
            self.bus.works();
        }
        self.is_fine();
        Ok(())
    }

    /// Nothing is wrong: this relay publishes, or another does.
    fn is_fine(&mut self) {
        if self.state != State::Fine {
            self.gauge(0.0);
            self.health.set(Status::Ok);
            self.state = State::Fine;
        }
    }

    /// Answers how often in a row that is.
    fn stumbled(&mut self, error: &RelayError) -> u32 {
        let failures = if let State::Failing(before) = self.state { before.saturating_add(1) } else { 1 };
        self.state = State::Failing(failures);
        self.gauge(0.0);
        if failures >= WORTH_A_WORD {
            self.health.set(Status::Degraded(with_causes(error)));
        }
        failures
    }

    fn gauge(&self, halted: f64) {
        metrics::gauge!("signpost_relay_halted", "log" => self.log.identity().service).set(halted);
    }
}
