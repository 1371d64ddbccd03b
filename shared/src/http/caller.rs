//! Who calls: bearer tokens, checked on the server for every request, and what their scopes permit.

use std::future::Future;

use axum::http::{HeaderMap, header};

use super::problem::Problem;

/// Every scope that a token can have.
pub const SCOPES: [&str; 15] = [
    "agents:read",
    "agents:write",
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
    "customers:erase",
    "tokens:read",
    "tokens:write",
];

/// Someone whose token was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `token:<id>`, `operator:<id>`, `service`.
    pub actor: String,
    /// What the token permits.
    pub scopes: Vec<String>,
}

impl Caller {
    /// A sister service: it may read the log, nothing else.
    pub fn service() -> Self {
        Self { actor: "service".to_owned(), scopes: vec!["events:read".to_owned()] }
    }

    /// A problem unless the token has this scope.
    pub fn require(&self, scope: &str) -> Result<(), Problem> {
        if self.scopes.iter().any(|held| held == scope) { Ok(()) } else { Err(Problem::forbidden(scope)) }
    }
}

/// Knows a service's tokens.
pub trait Gate: Clone + Send + Sync + 'static {
    /// Whom this bearer token belongs to; `None` for nobody.
    fn identify(&self, token: &str) -> impl Future<Output = Result<Option<Caller>, Problem>> + Send;
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares two secrets in a time that does not tell where they differ.
pub fn same_secret(left: &str, right: &str) -> bool {
    crate::ids::digest(left) == crate::ids::digest(right)
}
