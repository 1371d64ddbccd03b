use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::IntoResponse;
use web::http::body::Payload;
use web::http::caller::bearer;
use web::http::client::Client;
use web::http::query::Query;
use web::http::write::replied_with;
use web::http::{Api, Authenticator, Caller, Operation, Problem, Write, replied};

use crate::api_tokens::commands::{self, Issued, Revoked};
use crate::api_tokens::queries::ApiToken;
use crate::api_tokens::requests::{ApiTokenRequest, draw_token};
use crate::auth::basic;
use crate::endpoint::{AFTER, AT_LEAST, ApiResult, EmptyBody, LIMIT, id, position_cursor, write};
use crate::paging::Page;
use crate::state::AppState;
use crate::{api_tokens, operators};

const PATH: &str = "/api/v1/api-tokens";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let issuing = Operation::new(
        Method::POST,
        PATH,
        "Issue an API token: with an operator's password (Basic), or with a token that has the scope tokens:write",
    );
    let listing = Operation::new(Method::GET, PATH, "List API tokens").scope("tokens:read");
    api.on(issuing.password_or("tokens:write").rate_limited().takes::<ApiTokenRequest>().gives::<Issued>(201), issue)
        .on(listing.query(&[LIMIT, AFTER, AT_LEAST]).gives::<Page<ApiToken>>(200), list)
        .on(
            write(Method::DELETE, "/api/v1/api-tokens/{id}", "Revoke an API token for good", "tokens:write")
                .gives::<Revoked>(200),
            revoke,
        )
}

async fn caller(app: &AppState, client: Client, headers: &HeaderMap) -> Result<Caller, Problem> {
    let caller = if let Some((login, password)) = basic::credentials(headers) {
        operators::sign_in::caller(app, client, &login, password).await?
    } else {
        let token = bearer(headers).ok_or_else(Problem::unauthenticated)?;
        app.identify(token).await?
    };
    let caller = caller.ok_or_else(Problem::unauthenticated)?;
    caller.require("tokens:write")?;
    Ok(caller)
}

async fn issue(State(app): State<AppState>, client: Client, headers: HeaderMap, payload: Payload) -> ApiResult {
    let caller = caller(&app, client, &headers).await?;
    let write = Write::<ApiTokenRequest>::read(&caller.actor, "POST /api/v1/api-tokens", &headers, &payload.0)?;
    let request = write.request.check(write.errors, &caller.scopes)?;
    // No caller grants more than they have.
    for scope in &request.1 {
        caller.require(scope)?;
    }
    let (request, token) = draw_token(request)?;
    let appended = app.submit(write.command, request).await?;
    replied_with(&appended, |members| {
        if !appended.replayed {
            members.insert("token".to_owned(), token.into());
        }
    })
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(api_tokens::queries::list(app.database(), after, page.limit).await?).into_response())
}

async fn revoke(State(app): State<AppState>, Path(text): Path<String>, write: Write<EmptyBody>) -> ApiResult {
    write.errors.into_result()?;
    Ok(replied(&app.submit(write.command, commands::revoke(id(&text)?)).await?))
}
