//! Commands about endpoints. Each writes what stands beside the log in the transaction of its event.

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::events::webhooks::{WebhookLog, WebhookPauseCause, WebhookSecretRotated};
use event_store::log::LogPoint;
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::webhooks::endpoints::Beside;
use crate::webhooks::model::{Change, Target, Webhook, WebhookCommand, stream};
use crate::webhooks::secret::Secret;
use crate::webhooks::snapshot::{RemovedSnapshot, RotatedSnapshot, WebhookSnapshot};
use crate::webhooks::{cursors, endpoints};

/// A command about an endpoint, and what it writes beside its event.
pub struct WebhookWrite {
    endpoint_id: Uuid,
    command: WebhookCommand,
    beside: Vec<Beside>,
    respond: fn(&BatchContext, &Outcome) -> Reply,
}

impl Command for WebhookWrite {
    fn stream(&self) -> String {
        stream(self.endpoint_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<Webhook>(&self.stream(), self.command.clone())
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        (self.respond)(batch, outcome)
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async move {
            for (sql, values) in &self.beside {
                tx.execute(sql, values).await?;
            }
            Ok(())
        })
    }
}

/// A place in a log: sending begins, or goes on, behind it.
pub type Place = (WebhookLog, LogPoint);

/// What stands beside the log of an endpoint; what is absent stays.
#[derive(Default)]
pub struct Details {
    pub url: Option<String>,
    pub description: Option<String>,
}

pub fn add(
    target: Target,
    details: Details,
    secret: &Secret,
    places: &[Place],
    endpoint_id: Uuid,
    now: Moment,
) -> WebhookWrite {
    let mut beside = vec![
        endpoints::put(endpoint_id, details.url, details.description),
        endpoints::add_secret(endpoint_id, secret, now),
    ];
    beside.extend(places.iter().map(|(log, point)| cursors::start(endpoint_id, *log, *point)));
    let command = WebhookCommand::Add { endpoint_id, target };
    WebhookWrite { endpoint_id, command, beside, respond: created }
}

/// `places` are those of the logs that are chosen, where they are chosen anew: one that the endpoint is in already stays where it is.
pub fn change(endpoint_id: Uuid, change: Change, details: Details, places: Option<Vec<Place>>) -> WebhookWrite {
    let is_elsewhere = details.url.is_some();
    let mut beside = vec![endpoints::put(endpoint_id, details.url, details.description)];
    if is_elsewhere {
        beside.push(cursors::retry_now(endpoint_id));
    }
    if let Some(places) = places {
        let is_chosen = |log: &WebhookLog| places.iter().any(|(chosen, _)| chosen == log);
        let left = [WebhookLog::Agents, WebhookLog::Signups].into_iter().filter(|log| !is_chosen(log));
        beside.extend(left.map(|log| cursors::end(endpoint_id, log)));
        beside.extend(places.iter().map(|(log, point)| cursors::start(endpoint_id, *log, *point)));
    }
    WebhookWrite { endpoint_id, command: WebhookCommand::Change(change), beside, respond: changed }
}

/// Pauses an endpoint because somebody asked for it.
pub fn pause(endpoint_id: Uuid, reason: Option<String>) -> WebhookWrite {
    pause_because(endpoint_id, WebhookPauseCause::Asked, reason)
}

pub fn pause_because(endpoint_id: Uuid, cause: WebhookPauseCause, reason: Option<String>) -> WebhookWrite {
    let command = WebhookCommand::Pause { cause, reason };
    WebhookWrite { endpoint_id, command, beside: Vec::new(), respond: changed }
}

/// Goes on where sending stopped; the next attempt is due at once.
pub fn resume(endpoint_id: Uuid, reason: Option<String>) -> WebhookWrite {
    let beside = vec![cursors::retry_now(endpoint_id)];
    WebhookWrite { endpoint_id, command: WebhookCommand::Resume { reason }, beside, respond: changed }
}

pub fn remove(endpoint_id: Uuid, reason: Option<String>) -> WebhookWrite {
    let beside = endpoints::remove(endpoint_id);
    WebhookWrite { endpoint_id, command: WebhookCommand::Remove { reason }, beside, respond: removed }
}

pub fn rotate(endpoint_id: Uuid, secret: &Secret, now: Moment, old_ends_at: Moment) -> WebhookWrite {
    let beside = endpoints::rotate(endpoint_id, secret, now, old_ends_at);
    WebhookWrite { endpoint_id, command: WebhookCommand::Rotate { now, old_ends_at }, beside, respond: rotated }
}

/// Sends again what is behind a place.
pub fn replay(endpoint_id: Uuid, from: u64, (log, point): Place, reason: Option<String>) -> WebhookWrite {
    let command = WebhookCommand::Move { log, from, to: point.position, reason };
    WebhookWrite { endpoint_id, command, beside: vec![cursors::go_to(endpoint_id, log, point)], respond: changed }
}

/// Leaves out what was not sent up to a place.
pub fn skip(endpoint_id: Uuid, from: u64, (log, point): Place, reason: String) -> WebhookWrite {
    let command = WebhookCommand::Move { log, from, to: point.position, reason: Some(reason) };
    WebhookWrite { endpoint_id, command, beside: vec![cursors::skip_to(endpoint_id, log, point)], respond: changed }
}

fn created(batch: &BatchContext, outcome: &Outcome) -> Reply {
    Reply::created(batch.snapshot(outcome, WebhookSnapshot::of))
}

fn changed(batch: &BatchContext, outcome: &Outcome) -> Reply {
    Reply::ok(batch.snapshot(outcome, WebhookSnapshot::of))
}

fn removed(_: &BatchContext, outcome: &Outcome) -> Reply {
    Reply::ok(RemovedSnapshot { id: outcome.uuid(), removed: true })
}

fn rotated(batch: &BatchContext, outcome: &Outcome) -> Reply {
    let Some(AgentsEvent::WebhookSecretRotated(event)) = &outcome.last else { return Reply::ok(()) };
    let WebhookSecretRotated { endpoint_id, old_ends_at, ended_older } = event.clone();
    Reply::ok(RotatedSnapshot {
        id: endpoint_id,
        version: batch.version(&outcome.stream),
        old_secret_ends_at: old_ends_at,
        older_secret_ended: ended_older,
        secret: None,
    })
}
