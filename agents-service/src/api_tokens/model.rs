//! An API token: a named set of scopes for a program. The model knows the token's digest only.

use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, ApiTokenIssued, ApiTokenRevoked};
use uuid::Uuid;

use crate::domain_error::DomainError;

pub fn stream(token_id: Uuid) -> String {
    format!("token-{token_id}")
}

/// The life stages of a token. `Revoked` is final.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiToken {
    #[default]
    Absent,
    Active(Uuid),
    Revoked,
}

#[derive(Clone, Debug)]
pub enum ApiTokenCommand {
    Issue { token_id: Uuid, name: String, scopes: Vec<String>, digest: String },
    Revoke,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokenError {
    Unknown,
    Exists,
    Revoked,
    NoScope,
}

impl From<ApiTokenError> for DomainError {
    fn from(error: ApiTokenError) -> Self {
        match error {
            ApiTokenError::Unknown => Self::not_found("there is no such API token"),
            ApiTokenError::Exists => Self::conflict("token_exists", "there is an API token with this id already"),
            ApiTokenError::Revoked => Self::conflict("already_revoked", "the API token is revoked for good"),
            ApiTokenError::NoScope => {
                Self::invalid_field("scopes", "scope_required", "an API token needs at least one scope")
            }
        }
    }
}

impl Decider for ApiToken {
    type State = Self;
    type Command = ApiTokenCommand;
    type Event = AgentsEvent;
    type Error = ApiTokenError;

    fn decide(state: &Self, command: ApiTokenCommand) -> Result<Vec<AgentsEvent>, ApiTokenError> {
        match (state, command) {
            (Self::Absent, ApiTokenCommand::Issue { scopes, .. }) if scopes.is_empty() => Err(ApiTokenError::NoScope),
            (Self::Absent, ApiTokenCommand::Issue { token_id, name, scopes, digest }) => {
                Ok(vec![ApiTokenIssued { token_id, name, scopes, digest }.into()])
            }
            (Self::Active(_), ApiTokenCommand::Issue { .. }) => Err(ApiTokenError::Exists),
            (Self::Active(token_id), ApiTokenCommand::Revoke) => {
                Ok(vec![ApiTokenRevoked { token_id: *token_id }.into()])
            }
            (Self::Absent, ApiTokenCommand::Revoke) => Err(ApiTokenError::Unknown),
            (Self::Revoked, _) => Err(ApiTokenError::Revoked),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::ApiTokenIssued(issued) => Self::Active(issued.token_id),
            AgentsEvent::ApiTokenRevoked(_) => Self::Revoked,
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn issue() -> ApiTokenCommand {
        ApiTokenCommand::Issue {
            token_id: Uuid::nil(),
            name: "billing".to_owned(),
            scopes: vec!["keys:read".to_owned()],
            digest: "00".to_owned(),
        }
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds_and_nothing_follows_revoking(
            choices in prop::collection::vec(any::<bool>(), 0..10),
        ) {
            let (mut token, mut history) = (ApiToken::Absent, Vec::new());
            for revoke in choices {
                let decided = ApiToken::decide(&token, if revoke { ApiTokenCommand::Revoke } else { issue() });
                prop_assert!(token != ApiToken::Revoked || decided.is_err());
                let events = decided.unwrap_or_default();
                token = events.iter().fold(token, ApiToken::evolve);
                history.extend(events);
            }
            prop_assert_eq!(ApiToken::fold(&history), token);
        }
    }
}
