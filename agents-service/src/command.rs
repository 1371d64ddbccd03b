//! A command is a small type in its noun's folder: the streams and facts that it reads, its decision, its response,
//! and the rows that it stores beside the events. The command handler knows commands by this trait alone.

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
