//! What a command is: a small type in its noun that says which streams and facts it reads, what it leads to, what is answered
//! and what is stored beside the events. The writer's handler knows commands by this trait alone.

use std::sync::Arc;

use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value as Json;
use web::http::IfMatch;

use crate::auth::passwords::PasswordHash;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::domain_error::DomainError;
use crate::facts::Needs;

/// A command.
pub trait Command: Send + Sync + 'static {
    /// The stream that the command writes.
    fn stream(&self) -> String;

    /// The other streams that the decision relies on: the command holds only if they have not moved.
    fn reads(&self) -> Vec<String> {
        Vec::new()
    }

    /// Asks for the facts that the decision needs.
    fn needs(&self, _needs: &mut Needs) {}

    /// What the command leads to.
    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError>;

    /// What is answered, at first and to each repetition: from the state behind the command, and from what it led to.
    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply;

    /// Writes what belongs to the events and is not in them, in their transaction.
    fn store<'a>(&'a self, _tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async { Ok(()) })
    }

    /// The password that the command sets.
    fn password(&self) -> Option<&PasswordHash> {
        None
    }

    /// The command, as far as `If-Match` lets it.
    fn expecting(self, if_match: IfMatch) -> Submission
    where
        Self: Sized,
    {
        Submission::from(self).expecting(if_match)
    }
}

/// The answer to a command, without personal data and secrets.
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

    /// The command created something.
    pub fn created(body: impl Serialize) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }
}

/// A command on its way to the log.
#[derive(Clone)]
pub struct Submission {
    /// What is asked for.
    pub command: Arc<dyn Command>,
    /// One of these must be the version of the stream that the command writes.
    pub expected: Option<Vec<u64>>,
}

impl<C: Command> From<C> for Submission {
    fn from(command: C) -> Self {
        Self { command: Arc::new(command), expected: None }
    }
}

impl Submission {
    /// The same, as far as `If-Match` lets it.
    #[must_use]
    pub fn expecting(self, if_match: IfMatch) -> Self {
        match if_match {
            IfMatch::OneOf(versions) => Self { expected: Some(versions), ..self },
            IfMatch::Absent | IfMatch::Any => self,
        }
    }
}
