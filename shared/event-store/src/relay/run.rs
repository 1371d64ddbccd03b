use std::time::Duration;

use super::error::RelayError;
use super::halt::Halt;
use super::publish::publish_from;
use super::state::{Relay, State};
use super::stream::ready;
use crate::bus::{Bus, OLDEST_SERVER};
use crate::health::Dependency;
use crate::lease::{self, Lease};
use crate::log::Log;

/// Pause after a failure: for each failure in a row, and the longest.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// Pause while only an operator can help; shorter than the lease.
const HALT_PAUSE: Duration = Duration::from_secs(1);

impl Relay {
    /// A relay to a stream with so many replicas; it reports its state to `health`.
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
                    self.set_ok();
                    lease::RENEW
                }
                Err(RelayError::Halted(halt)) => {
                    self.halted(halt).await;
                    HALT_PAUSE
                }
                Err(error) => {
                    let failures = self.count_failure(&error);
                    RETRY_PAUSE.0.saturating_mul(failures).min(RETRY_PAUSE.1)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Checks the stream and publishes, until an error.
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
        let place = ready(&self.log, &self.bus, self.replicas).await?;
        publish_from(self, place).await
    }
}
