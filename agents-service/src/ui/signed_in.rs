//! Who is signed in.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use contract::events::agents::Permission;
use contract::ids::digest;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::snapshot::AgentSnapshot;
use crate::auth::sessions::Account;
use crate::menu::MenuEntry;
use crate::ui::audience::Audience;

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub account: Account,
    pub id: Uuid,
    /// As they sign in.
    pub login: String,
    /// The agent, in the portal.
    pub agent: Option<AgentSnapshot>,
    /// The menu of their face.
    pub menu: &'static [MenuEntry],
    pub(super) secret: String,
}

impl SignedIn {
    /// What every form of theirs carries, and nobody else can know.
    pub fn form_token(&self) -> String {
        digest(&format!("form:{}", self.secret))
    }

    /// The secret of their session.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The face that they came through.
    pub fn audience(&self) -> Audience {
        match self.account {
            Account::Operator(_) => Audience::BackOffice,
            Account::Agent(_) => Audience::Portal(None),
        }
    }

    /// The agent whose things alone they see; an operator sees everybody's.
    pub fn agent_id(&self) -> Option<Uuid> {
        match self.account {
            Account::Operator(_) => None,
            Account::Agent(id) => Some(id),
        }
    }

    /// Whether the portal has this screen for them.
    pub fn may(&self, permission: Permission) -> bool {
        self.agent.as_ref().is_some_and(|agent| agent.permissions.contains(&permission))
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Missing only where a route was not put behind the guard: then nobody is let in.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
    }
}
