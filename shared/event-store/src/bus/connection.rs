//! The state of the connection to NATS, and who is notified of its changes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::{ClientError, Event, ServerError};
use tokio::sync::watch;

use crate::health::{Dependency, Status};

#[derive(Debug)]
pub(super) struct Connection {
    /// The servers, without credentials.
    addresses: String,
    known: Mutex<Known>,
    /// How often the connection was lost.
    losses: watch::Sender<u64>,
}

#[derive(Debug)]
struct Known {
    status: Status,
    /// The status is a complaint of the server on a connection that stays open.
    is_complaint: bool,
    reporters: Vec<Dependency>,
}

impl Connection {
    pub(super) fn new(addresses: String) -> Self {
        let known = Known { status: Status::Ok, is_complaint: false, reporters: Vec::new() };
        Self { addresses, known: Mutex::new(known), losses: watch::Sender::new(0) }
    }

    /// Reports the connection's state to this dependency from now on.
    pub(super) fn report_to(&self, dependency: Dependency) {
        let mut known = self.lock();
        dependency.set(known.status.clone());
        known.reporters.push(dependency);
    }

    pub(super) fn status(&self) -> Status {
        self.lock().status.clone()
    }

    /// A server answered: its earlier complaint no longer holds.
    pub(super) fn has_responded(&self) {
        let is_over = self.lock().is_complaint;
        if is_over {
            self.set(Status::Ok, false);
        }
    }

    /// Handles an event of the NATS client.
    pub(super) fn handle(&self, event: &Event) {
        let at = &self.addresses;
        match event {
            Event::Connected => self.set(Status::Ok, false),
            Event::Disconnected | Event::Closed => {
                self.losses.send_modify(|losses| *losses += 1);
                self.set(Status::Degraded(format!("the connection to NATS at {at} was lost")), false);
            }
            Event::ServerError(ServerError::AuthorizationViolation) => self.set(self.refused(), false),
            Event::ServerError(ServerError::Other(complaint)) => {
                self.set(Status::Degraded(format!("NATS at {at} says: {complaint}")), true);
            }
            Event::ServerError(error) => self.set(Status::Degraded(format!("NATS at {at} says: {error}")), true),
            Event::ClientError(ClientError::Other(cause)) if is_about_login(cause) => self.set(self.refused(), false),
            Event::ClientError(ClientError::Other(cause)) => {
                self.set(Status::Degraded(format!("NATS at {at} cannot be reached: {cause}")), false);
            }
            Event::ClientError(error) => self.set(Status::Degraded(format!("NATS at {at}: {error}")), false),
            Event::LameDuckMode | Event::Draining | Event::SlowConsumer(_) => {
                tracing::debug!(%event, "NATS connection");
            }
        }
    }

    /// Changes whenever the connection is lost.
    pub(super) fn losses(&self) -> watch::Receiver<u64> {
        self.losses.subscribe()
    }

    fn refused(&self) -> Status {
        Status::Degraded(format!(
            "NATS at {} refuses the credentials; check the SIGNPOST_NATS_ settings",
            self.addresses
        ))
    }

    fn set(&self, status: Status, is_complaint: bool) {
        let mut known = self.lock();
        for dependency in &known.reporters {
            dependency.set(status.clone());
        }
        (known.status, known.is_complaint) = (status, is_complaint);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the client reports that the server, or the client itself, rejected the credentials.
fn is_about_login(cause: &str) -> bool {
    cause.contains("authorization violation") || cause.contains("signing nonce")
}
