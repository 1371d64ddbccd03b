//! Requests about API tokens.

use serde_json::{Value as Json, json};
use shared::log::Draft;
use uuid::Uuid;

use super::Refusal;
use super::sheet::Sheet;
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

    pub(super) fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        let (status, answer): (u16, Json) = match &self.command {
            Command::Issue { token_id, name, scopes, .. } => {
                (201, json!({ "id": token_id, "name": name, "scopes": scopes }))
            }
            Command::Revoke => (200, json!({ "id": self.token_id, "state": "revoked" })),
        };
        sheet.decide(&self.stream(), None, self.command.clone(), |_: ApiToken, _| (status, answer))
    }
}
