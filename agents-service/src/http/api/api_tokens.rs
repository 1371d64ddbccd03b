//! API tokens: issue (with a password, or with a token), list, revoke. A token is shown once, when it is issued.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use contract::ids::{digest, new_id, random_crockford};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::http::body::Payload;
use web::http::caller::{SCOPES, bearer};
use web::http::client::Client;
use web::http::query::Query;
use web::http::write::replied_with;
use web::http::{Api, Authenticator, Caller, FieldErrors, Operation, Problem, Write, replied};

use super::{AFTER, AT_LEAST, EmptyBody, LIMIT, Page, id, located, position_cursor, write};
use crate::commands::api_tokens::{IssueApiToken, RevokeApiToken};
use crate::http::fields::{Fields, NAME};
use crate::http::{AppState, basic};
use crate::projections::api_tokens::{self, ApiToken};

const PATH: &str = "/api/v1/api-tokens";
/// Crockford digits of a token: 160 bits.
const TOKEN_LENGTH: usize = 32;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ApiTokenGiven")]
pub struct ApiTokenRequest {
    #[schemars(required)]
    name: Option<String>,
    /// At most the scopes of whoever asks; all of those when absent.
    scopes: Option<Vec<String>>,
}

#[derive(Serialize, JsonSchema)]
struct Issued {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    /// Shown this once; a repetition of the request leaves it out.
    token: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Revoked {
    id: Uuid,
    state: api_tokens::State,
}

pub(super) fn routes(api: Api<AppState>) -> Api<AppState> {
    let issuing = Operation::new(
        Method::POST,
        PATH,
        "Issue an API token: with an operator's password (Basic), or with a token that has the scope tokens:write",
    );
    let listing = Operation::new(Method::GET, PATH, "List API tokens").scope("tokens:read");
    api.on(issuing.takes::<ApiTokenRequest>().gives::<Issued>(201), issue)
        .on(listing.query(&[LIMIT, AFTER, AT_LEAST]).gives::<Page<ApiToken>>(200), list)
        .on(
            write(Method::DELETE, "/api/v1/api-tokens/{id}", "Revoke an API token for good", "tokens:write")
                .gives::<Revoked>(200),
            revoke,
        )
}

async fn caller(app: &AppState, client: Client, headers: &HeaderMap) -> Result<Caller, Problem> {
    let caller = if let Some((login, password)) = basic::credentials(headers) {
        app.sign_in(client, &login, password).await?
    } else {
        let token = bearer(headers).ok_or_else(Problem::unauthenticated)?;
        app.identify(token).await?
    };
    let caller = caller.ok_or_else(Problem::unauthenticated)?;
    caller.require("tokens:write")?;
    Ok(caller)
}

async fn issue(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
    payload: Payload,
) -> Result<Response, Problem> {
    let caller = caller(&app, client, &headers).await?;
    let write = Write::<ApiTokenRequest>::read(&caller.actor, "POST /api/v1/api-tokens", &headers, &payload.0)?;
    let request = write.request.check(write.errors, &caller.scopes)?;
    // Nobody gives away more than they have.
    for scope in &request.1 {
        caller.require(scope)?;
    }
    let (request, token) = draw_token(request)?;
    let appended = app.submit(write.command, request).await?;
    let response = replied_with(&appended, |members| {
        if !appended.replayed {
            members.insert("token".to_owned(), token.into());
        }
    })?;
    Ok(located(response, "api-tokens", appended.answer.id()))
}

impl ApiTokenRequest {
    /// Name and scopes of the token that is asked for; without scopes it has those of whoever asks.
    pub fn check<S: ToString>(self, errors: FieldErrors, own: &[S]) -> Result<(String, Vec<String>), Problem> {
        let mut fields = Fields::new(errors);
        let name = fields.required_text("name", self.name, NAME);
        let scopes = fields.choice("scopes", self.scopes).unwrap_or_else(|| own.iter().map(S::to_string).collect());
        if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
            fields.error("scopes", "unknown_value", format!("must be some of {}", SCOPES.join(", ")));
        }
        fields.finish()?;
        Ok((name, scopes))
    }
}

/// A new token of this name and these scopes: the request to issue it, and the token itself.
pub fn draw_token((name, scopes): (String, Vec<String>)) -> Result<(IssueApiToken, String), Problem> {
    let token = random_crockford(TOKEN_LENGTH).map_err(|error| Problem::unforeseen(&error))?;
    Ok((IssueApiToken { token_id: new_id(), name, scopes, digest: digest(&token) }, token))
}

async fn list(State(app): State<AppState>, mut query: Query) -> Result<Response, Problem> {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(api_tokens::list(app.database(), after, page.limit).await?).into_response())
}

async fn revoke(
    State(app): State<AppState>,
    Path(token_id): Path<String>,
    write: Write<EmptyBody>,
) -> Result<Response, Problem> {
    write.errors.into_result()?;
    let revoke = RevokeApiToken { token_id: id(&token_id)? };
    Ok(replied(&app.submit(write.command, revoke).await?))
}
