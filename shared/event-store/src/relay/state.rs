use super::error::RelayError;
use super::halt::Halt;
use super::published::mark_published;
use crate::bus::Bus;
use crate::health::{Dependency, Status, with_causes};
use crate::lease::Lease;
use crate::log::Log;

/// Failures in a row that are logged: a single one happens whenever two relays meet.
const LOGGED_FROM: u32 = 2;

/// Publishes one log.
#[derive(Debug)]
pub struct Relay {
    pub(super) log: Log,
    pub(super) bus: Bus,
    pub(super) replicas: usize,
    pub(super) lease: Lease,
    pub(super) health: Dependency,
    pub(super) state: State,
    /// The database records that the log was published.
    pub(super) is_marked: bool,
}

/// The state of a relay.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Fine,
    /// So many failures in a row.
    Failing(u32),
    Halted(Halt),
}

impl Relay {
    /// Stops the relay until an operator acts; the only place that reports it.
    pub(super) async fn halted(&mut self, halt: Halt) {
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

    /// Records that the stream holds the log up to this position; the only place that reports it.
    pub(super) async fn running(&mut self, position: u64) -> Result<(), RelayError> {
        if position > 0 && !self.is_marked {
            mark_published(&self.log).await?;
            self.is_marked = true;
        }
        if self.state != State::Fine {
            self.bus.has_responded();
        }
        self.set_ok();
        Ok(())
    }

    /// Records that this relay publishes, or another one does.
    pub(super) fn set_ok(&mut self) {
        if self.state != State::Fine {
            self.gauge(0.0);
            self.health.set(Status::Ok);
            self.state = State::Fine;
        }
    }

    /// Counts a failure; returns the number of failures in a row.
    pub(super) fn count_failure(&mut self, error: &RelayError) -> u32 {
        let failures = if let State::Failing(before) = self.state { before.saturating_add(1) } else { 1 };
        self.state = State::Failing(failures);
        self.gauge(0.0);
        if failures >= LOGGED_FROM {
            self.health.set(Status::Degraded(with_causes(error)));
        }
        failures
    }

    pub(super) fn gauge(&self, halted: f64) {
        metrics::gauge!("signpost_relay_halted", "log" => self.log.identity().service).set(halted);
    }
}
