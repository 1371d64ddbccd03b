use contract::events::agents::{AgentsEvent, ApiTokenIssued};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::api_tokens::model::{ApiToken, ApiTokenCommand, stream};
use crate::api_tokens::snapshot::State;
use crate::batch::{BatchContext, Outcome};
use crate::command::{Reply, SimpleCommand};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiTokenIssued")]
pub struct Issued {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    /// Shown this once; a repetition of the request leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiTokenRevoked")]
pub struct Revoked {
    id: Uuid,
    state: State,
}

/// Issues a token, of which the log has the digest alone.
pub fn issue(ApiTokenIssued { token_id, name, scopes, digest }: ApiTokenIssued) -> SimpleCommand<ApiToken> {
    SimpleCommand::new(stream(token_id), ApiTokenCommand::Issue { token_id, name, scopes, digest }, issued)
}

fn issued(_: &BatchContext, outcome: &Outcome) -> Reply {
    let Some(AgentsEvent::ApiTokenIssued(event)) = &outcome.last else { return Reply::created(()) };
    let ApiTokenIssued { token_id, name, scopes, .. } = event.clone();
    Reply::created(Issued { id: token_id, name, scopes, token: None })
}

/// Revokes a token for good.
pub fn revoke(token_id: Uuid) -> SimpleCommand<ApiToken> {
    let revoked =
        |_: &BatchContext, outcome: &Outcome| Reply::ok(Revoked { id: outcome.uuid(), state: State::Revoked });
    SimpleCommand::new(stream(token_id), ApiTokenCommand::Revoke, revoked)
}
