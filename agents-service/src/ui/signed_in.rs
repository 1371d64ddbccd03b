use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use contract::events::agents::Permission;
use contract::ids::{digest, new_id};
use uuid::Uuid;
use web::http::caller::same_secret;
use web::http::{Caller, Problem};

use crate::agents::snapshot::AgentSnapshot;
use crate::auth::sessions::Account;
use crate::menu::{Access, MenuEntry};
use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::brand::Brand;
use crate::ui::reader::Reader;

/// The signed-in account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub account: Account,
    pub id: Uuid,
    pub login: String,
    /// The agent, in the portal.
    pub agent: Option<AgentSnapshot>,
    /// What an operator may do, as scopes of the API.
    pub access: Access,
    pub menu: &'static [MenuEntry],
    /// The paths of menu entries where something waits, with how much.
    pub waiting: Vec<(&'static str, u64)>,
    /// What stands above the pages.
    pub brand: Brand,
    /// The colours that they have chosen; empty for what the system has.
    pub theme: String,
    /// How they have times and numbers.
    pub reader: Reader,
    pub(super) secret: String,
}

impl SignedIn {
    /// A token for the forms of a page, which other sites cannot know. Each page has another one, so that the length of a compressed
    /// page tells nothing of it.
    pub fn form_token(&self) -> String {
        self.salted(&new_id().simple().to_string())
    }

    /// Whether a form's token is of this session.
    pub fn has_made(&self, token: &str) -> bool {
        token.split_once('.').is_some_and(|(salt, _)| same_secret(token, &self.salted(salt)))
    }

    fn salted(&self, salt: &str) -> String {
        format!("{salt}.{}", digest(&format!("form:{salt}:{}", self.secret)))
    }

    pub fn secret(&self) -> &str {
        &self.secret
    }

    pub fn audience(&self) -> Audience {
        match self.account {
            Account::Operator(_) => Audience::BackOffice,
            Account::Agent(_) => Audience::Portal(None),
        }
    }

    /// The agent whose data they see; `None` for an operator, who sees everything.
    pub fn agent_id(&self) -> Option<Uuid> {
        match self.account {
            Account::Operator(_) => None,
            Account::Agent(id) => Some(id),
        }
    }

    /// Whether they are an operator with this scope.
    pub fn holds(&self, scope: &str) -> bool {
        self.access.scopes.contains(&scope)
    }

    /// How much waits at the entry with this path.
    pub fn waiting_at(&self, path: &str) -> u64 {
        self.waiting.iter().find(|(place, _)| *place == path).map_or(0, |(_, count)| *count)
    }

    /// The operator as a caller of the API.
    pub fn caller(&self) -> Caller {
        let scopes = self.access.scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Caller { actor: self.account.actor(), scopes }
    }

    /// Whether the portal has this screen for them.
    pub fn may(&self, permission: Permission) -> bool {
        self.agent.as_ref().is_some_and(|agent| agent.permissions.contains(&permission))
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Missing only on a route without the guard: the request is refused then.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
    }
}

/// What the handler of a page begins with.
pub struct Context(pub AppState, pub SignedIn);

impl FromRequestParts<AppState> for Context {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        Ok(Self(app.clone(), SignedIn::from_request_parts(parts, app).await?))
    }
}
