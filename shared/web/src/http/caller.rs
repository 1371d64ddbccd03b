//! Who calls: bearer tokens, checked on the server for every request, and what their scopes permit.

use std::future::Future;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use contract::ids::digest_bytes;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::field_errors::FieldErrors;
use super::problem::Problem;

/// Every scope that a token can have.
pub const SCOPES: [&str; 20] = [
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
    "sales:read",
    "tokens:read",
    "tokens:write",
    "operators:read",
    "operators:write",
];

/// What a sister service may do.
const SERVICE_SCOPES: [&str; 4] = ["events:read", "customers:read", "customers:write", "customers:erase"];
/// The header in which a sister service, and nobody else, says for whom it acts.
pub const ACTOR_HEADER: &str = "signpost-actor";

/// Someone whose token was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `token:<id>`, `operator:<id>`, `service`.
    pub actor: String,
    /// What the token permits.
    pub scopes: Vec<String>,
}

impl Caller {
    /// A sister service: it may read the log, and show, correct and erase customers for the operator whom it names.
    pub fn service(headers: &HeaderMap) -> Result<Self, Problem> {
        let actor = acting_for(headers)?.unwrap_or_else(|| "service".to_owned());
        Ok(Self { actor, scopes: SERVICE_SCOPES.map(str::to_owned).to_vec() })
    }

    /// A problem unless the token has this scope.
    pub fn require(&self, scope: &str) -> Result<(), Problem> {
        if self.may(scope) { Ok(()) } else { Err(Problem::forbidden(scope)) }
    }

    /// Whether the token has this scope.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    /// A problem unless the token has every scope there is: for what gives all of them away, such as an operator's password.
    pub fn require_all(&self) -> Result<(), Problem> {
        SCOPES.iter().try_for_each(|scope| self.require(scope))
    }
}

/// Knows a service's tokens.
pub trait Authenticator: Clone + Send + Sync + 'static {
    /// Whom this bearer token belongs to; `None` for nobody.
    fn identify(&self, token: &str) -> impl Future<Output = Result<Option<Caller>, Problem>> + Send;

    /// Numbers that are others as soon as a token may have lost what it permitted.
    fn revocations(&self) -> impl Future<Output = Result<[u64; 3], Problem>> + Send;
}

/// With what a request was admitted, so that an answer that takes long can look at it again. A handler finds it in the request.
#[derive(Clone)]
pub struct Admission {
    token: Arc<str>,
    scope: &'static str,
    of_service: bool,
}

impl Admission {
    /// Whether it would be admitted now.
    pub async fn holds<G: Authenticator>(&self, gate: &G) -> bool {
        self.of_service
            || gate.identify(&self.token).await.is_ok_and(|caller| caller.is_some_and(|caller| caller.may(self.scope)))
    }
}

/// Lets whoever has a token with this scope in. `service_token` is what a sister service calls with.
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

/// Who calls where a token is not asked for: nobody in particular without one. A token that is sent must be good.
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

/// Whom a token belongs to, and whether that is the sister service.
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

/// The operator for whom a sister service says that it acts.
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

/// Compares two secrets in a time that tells neither where they differ nor how long they are: by their digests.
pub fn same_secret(left: &str, right: &str) -> bool {
    digest_bytes(left).ct_eq(&digest_bytes(right)).into()
}
