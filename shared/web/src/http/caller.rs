//! Callers of the API: bearer tokens, checked for every request, and the scopes that they grant.

use std::future::Future;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use contract::ids::digest_bytes;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::field_errors::FieldErrors;
use super::problem::Problem;

/// Every scope that a token can have.
pub const SCOPES: [&str; 30] = [
    "agents:read",
    "agents:write",
    "agents:erase",
    "plans:read",
    "plans:write",
    "groups:read",
    "groups:write",
    "keys:read",
    "keys:write",
    "settings:read",
    "settings:write",
    "events:read",
    "customers:read",
    "customers:write",
    "customers:erase",
    "customers:provision",
    "sales:read",
    "tokens:read",
    "tokens:write",
    "operators:read",
    "operators:write",
    "money:read",
    "payments:write",
    "commission:correct",
    "remittances:request",
    "remittances:approve",
    "remittances:pay",
    "statements:issue",
    "webhooks:read",
    "webhooks:write",
];

/// The scopes of a sister service.
const SERVICE_SCOPES: [&str; 4] = ["events:read", "customers:read", "customers:write", "customers:erase"];
/// The header by which a sister service, and no other caller, names the operator for whom it acts.
pub const ACTOR_HEADER: &str = "signpost-actor";

/// A caller with an accepted token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `token:<id>`, `operator:<id>`, `service`.
    pub actor: String,
    /// The scopes of the token.
    pub scopes: Vec<String>,
}

impl Caller {
    /// A sister service: it may read the log, and show, correct and erase customers for the operator whom it names.
    pub fn service(headers: &HeaderMap) -> Result<Self, Problem> {
        let actor = acting_for(headers)?.unwrap_or_else(|| "service".to_owned());
        Ok(Self { actor, scopes: SERVICE_SCOPES.map(str::to_owned).to_vec() })
    }

    /// Refuses a token without this scope.
    pub fn require(&self, scope: &str) -> Result<(), Problem> {
        if self.may(scope) { Ok(()) } else { Err(Problem::forbidden(scope)) }
    }

    /// Whether the token has this scope.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    /// Refuses a token without every scope: for operations that could grant all of them, such as setting an
    /// operator's password.
    pub fn require_all(&self) -> Result<(), Problem> {
        SCOPES.iter().try_for_each(|scope| self.require(scope))
    }
}

/// Identifies the callers of a service.
pub trait Authenticator: Clone + Send + Sync + 'static {
    /// The owner of this bearer token; `None` if it is unknown.
    fn identify(&self, token: &str) -> impl Future<Output = Result<Option<Caller>, Problem>> + Send;

    /// Values that change whenever a token may have been revoked.
    fn revocations(&self) -> impl Future<Output = Result<[u64; 3], Problem>> + Send;
}

/// The credentials of an admitted request, so that a long response can check them again. Handlers find it in the
/// request's extensions.
#[derive(Clone)]
pub struct Admission {
    token: Arc<str>,
    scope: &'static str,
    of_service: bool,
}

impl Admission {
    /// Whether the request would be admitted now.
    pub async fn holds<G: Authenticator>(&self, gate: &G) -> bool {
        self.of_service
            || gate.identify(&self.token).await.is_ok_and(|caller| caller.is_some_and(|caller| caller.may(self.scope)))
    }
}

/// Admits callers whose token has this scope. `service_token` is the token of the sister service.
pub(super) async fn admit<G: Authenticator>(
    gate: &G,
    service_token: Option<&str>,
    headers: &HeaderMap,
    scope: &'static str,
) -> Result<(Caller, Admission), Problem> {
    let token = bearer(headers).ok_or_else(Problem::unauthenticated)?;
    let (caller, of_service) = identified(gate, service_token, headers, token).await?;
    caller.require(scope)?;
    Ok((caller, Admission { token: token.into(), scope, of_service }))
}

/// The caller where no token is required: `None` without one. A token that is sent must be valid.
pub async fn caller<G: Authenticator>(
    gate: &G,
    service_token: Option<&str>,
    headers: &HeaderMap,
) -> Result<Option<Caller>, Problem> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let token = bearer(headers).ok_or_else(Problem::unauthenticated)?;
    identified(gate, service_token, headers, token).await.map(|(caller, _)| Some(caller))
}

/// The owner of a token, and whether it is the sister service.
async fn identified<G: Authenticator>(
    gate: &G,
    service_token: Option<&str>,
    headers: &HeaderMap,
    token: &str,
) -> Result<(Caller, bool), Problem> {
    if service_token.is_some_and(|secret| same_secret(secret, token)) {
        return Ok((Caller::service(headers)?, true));
    }
    Ok((gate.identify(token).await?.ok_or_else(Problem::unauthenticated)?, false))
}

/// The operator for whom a sister service acts.
fn acting_for(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(ACTOR_HEADER) else { return Ok(None) };
    let named = value.to_str().ok().and_then(|actor| actor.strip_prefix("operator:")?.parse::<Uuid>().ok());
    let Some(operator_id) = named else {
        let mut errors = FieldErrors::outside_body();
        errors.add("Signpost-Actor", "invalid", "must be operator: and an id");
        return Err(Problem::validation(errors));
    };
    Ok(Some(format!("operator:{operator_id}")))
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares two secrets in a time that depends neither on their first difference nor on their lengths: by their digests.
pub fn same_secret(left: &str, right: &str) -> bool {
    digest_bytes(left).ct_eq(&digest_bytes(right)).into()
}
