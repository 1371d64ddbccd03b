use serde_json::json;
use uuid::Uuid;

use crate::api_tokens::model::{ApiToken, ApiTokenCommand, stream};
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;

pub struct IssueApiToken {
    pub token_id: Uuid,
    pub name: String,
    pub scopes: Vec<String>,
    pub digest: String,
}

impl Command for IssueApiToken {
    fn stream(&self) -> String {
        stream(self.token_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let (name, scopes, digest) = (self.name.clone(), self.scopes.clone(), self.digest.clone());
        let issue = ApiTokenCommand::Issue { token_id: self.token_id, name, scopes, digest };
        batch.decide::<ApiToken>(&self.stream(), issue)
    }

    fn respond(&self, _: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(json!({ "id": outcome.id(), "name": self.name, "scopes": self.scopes }))
    }
}

pub struct RevokeApiToken {
    pub token_id: Uuid,
}

impl Command for RevokeApiToken {
    fn stream(&self) -> String {
        stream(self.token_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<ApiToken>(&self.stream(), ApiTokenCommand::Revoke)
    }

    fn respond(&self, _: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(json!({ "id": outcome.id(), "state": "revoked" }))
    }
}
