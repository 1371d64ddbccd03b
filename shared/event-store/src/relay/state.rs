use super::error::RelayError;
use super::halt::Halt;
use super::published::mark_published;
use crate::bus::Bus;
use crate::health::{Dependency, Status, with_causes};
use crate::lease::Lease;
use crate::log::Log;

/// Failures in a row that are worth a word: a single one happens whenever two relays meet.
const WORTH_A_WORD: u32 = 2;

/// Publishes one log.
#[derive(Debug)]
pub struct Relay {
    pub(super) log: Log,
    pub(super) bus: Bus,
    pub(super) replicas: usize,
    pub(super) lease: Lease,
    pub(super) health: Dependency,
    pub(super) state: State,
    /// Whether the database remembers that the log was published.
    pub(super) is_marked: bool,
}

/// What is known of a relay.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Fine,
    /// So many failures in a row.
    Failing(u32),
    Halted(Halt),
}

impl Relay {
    /// The relay stops until an operator decides: the one place where that becomes known.
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

    /// The stream holds the log up to this position, and the relay goes on: the one place where that becomes known.
    pub(super) async fn running(&mut self, position: u64) -> Result<(), RelayError> {
        if position > 0 && !self.is_marked {
            mark_published(&self.log).await?;
            self.is_marked = true;
        }
        if self.state != State::Fine {
            self.bus.works();
        }
        self.is_fine();
        Ok(())
    }

    /// Nothing is wrong: this relay publishes, or another does.
    pub(super) fn is_fine(&mut self) {
        if self.state != State::Fine {
            self.gauge(0.0);
            self.health.set(Status::Ok);
            self.state = State::Fine;
        }
    }

    /// Answers how often in a row that is.
    pub(super) fn stumbled(&mut self, error: &RelayError) -> u32 {
        let failures = if let State::Failing(before) = self.state { before.saturating_add(1) } else { 1 };
        self.state = State::Failing(failures);
        self.gauge(0.0);
        if failures >= WORTH_A_WORD {
            self.health.set(Status::Degraded(with_causes(error)));
        }
        failures
    }

    pub(super) fn gauge(&self, halted: f64) {
        metrics::gauge!("signpost_relay_halted", "log" => self.log.identity().service).set(halted);
    }
}
