//! A command is a small type in its noun's folder: the streams and facts that it reads, its decision, its response,
//! and the rows that it stores beside the events. The command handler knows commands by this trait alone. A command that
//! reads its own stream only is a [`SimpleCommand`].

use std::sync::Arc;

use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;
use web::http::IfMatch;

use crate::auth::passwords::PasswordHash;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::domain_error::DomainError;
use crate::facts::Needs;

pub trait Command: Send + Sync + 'static {
    /// The stream that the command writes.
    fn stream(&self) -> String;

    /// Other streams that the decision depends on: the command is refused if they have changed.
    fn reads(&self) -> Vec<String> {
        Vec::new()
    }

    /// Names the facts that the decision needs.
    fn needs(&self, _needs: &mut Needs) {}

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError>;

    /// The response, at first and to each repetition: from the state after the command, and from its outcome.
    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply;

    /// Writes the command's rows beside the events, in their transaction.
    fn store<'a>(&'a self, _tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async { Ok(()) })
    }

    /// The password that the command sets.
    fn password(&self) -> Option<&PasswordHash> {
        None
    }

    /// The command with the precondition of `If-Match`.
    fn expecting(self, if_match: IfMatch) -> Submission
    where
        Self: Sized,
    {
        Submission::from(self).expecting(if_match)
    }
}

/// A command that reads its own stream only.
pub struct SimpleCommand<D: Decider> {
    stream: String,
    command: D::Command,
    respond: fn(&BatchContext, &Outcome) -> Reply,
    store: Option<(Uuid, Store)>,
}

/// Stores rows beside the events of the thing with this id.
pub type Store = for<'a> fn(&'a mut Tx, Uuid) -> BoxFuture<'a, Result<(), SqlError>>;

impl<D: Decider> SimpleCommand<D> {
    /// A command on this stream.
    pub fn new(stream: String, command: D::Command, respond: fn(&BatchContext, &Outcome) -> Reply) -> Self {
        Self { stream, command, respond, store: None }
    }

    /// Adds the rows that it stores beside the events of this thing.
    #[must_use]
    pub fn storing(self, id: Uuid, store: Store) -> Self {
        Self { store: Some((id, store)), ..self }
    }
}

impl<D> Command for SimpleCommand<D>
where
    D: Decider<Event = AgentsEvent, Command: Clone + Send + Sync, Error: Into<DomainError>> + 'static,
{
    fn stream(&self) -> String {
        self.stream.clone()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<D>(&self.stream, self.command.clone())
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        (self.respond)(batch, outcome)
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        match self.store {
            Some((id, store)) => store(tx, id),
            None => Box::pin(async { Ok(()) }),
        }
    }
}

/// The response to a command, without personal data and secrets.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Json,
}

impl Reply {
    /// The command changed something.
    pub fn ok(body: impl Serialize) -> Self {
        Self { status: 200, body: serde_json::to_value(body).unwrap_or_default() }
    }

    /// The command is kept, and takes effect later.
    pub fn accepted(body: impl Serialize) -> Self {
        Self { status: 202, ..Self::ok(body) }
    }

    /// The command created something.
    pub fn created(body: impl Serialize) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }
}

/// A command for the log's writer.
#[derive(Clone)]
pub struct Submission {
    pub command: Arc<dyn Command>,
    /// The versions that the command's stream may have.
    pub expected: Option<Vec<u64>>,
}

impl<C: Command> From<C> for Submission {
    fn from(command: C) -> Self {
        Self { command: Arc::new(command), expected: None }
    }
}

impl Submission {
    /// The command with the precondition of `If-Match`.
    #[must_use]
    pub fn expecting(self, if_match: IfMatch) -> Self {
        match if_match {
            IfMatch::OneOf(versions) => Self { expected: Some(versions), ..self },
            IfMatch::Absent | IfMatch::Any => self,
        }
    }
}
