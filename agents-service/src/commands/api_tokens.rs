//! Requests about API tokens.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::DomainError;
use super::batch_context::{BatchContext, Decided, Outcome};
use crate::domain::api_token::{ApiToken, Command};

/// What is asked of a token.
#[derive(Clone)]
pub struct Request {
    pub token_id: Uuid,
    pub command: Command,
}

impl Request {
    fn stream(&self) -> String {
        format!("token-{}", self.token_id)
    }

    pub(super) fn streams(&self) -> Vec<String> {
        vec![self.stream()]
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<ApiToken>(&self.stream(), None, self.command.clone())
    }

    pub(super) fn answer(&self, outcome: &Outcome) -> (u16, Json) {
        match &self.command {
            Command::Issue { name, scopes, .. } => (201, json!({ "id": outcome.id(), "name": name, "scopes": scopes })),
            Command::Revoke => (200, json!({ "id": outcome.id(), "state": "revoked" })),
        }
    }
}
