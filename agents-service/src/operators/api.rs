//! Operators: add, list, show, set a password or a role, disable, enable, erase. Writes are for callers with every scope.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use uuid::Uuid;
use web::http::query::Query;
use web::http::{Api, Caller, Operation, Problem, Write, replied};

use crate::command::Command;
use crate::endpoint::{
    AFTER, AT_LEAST, ApiFuture, ApiResult, LIMIT, Reason, created, id, position_cursor, read, wait_only, write,
};
use crate::operators;
use crate::operators::commands::{Added, DisableOperator, Turned, enable, erase};
use crate::operators::queries::Operator;
use crate::operators::requests::{Change, OperatorRequest};
use crate::paging::Page;
use crate::state::AppState;

const PATH: &str = "/api/v1/operators";
const ONE: &str = "/api/v1/operators/{id}";
const WRITE: &str = "operators:write";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, PATH, "List operators").scope("operators:read");
    let turn = |path, summary| write(Method::POST, path, summary, WRITE).takes::<Reason>().gives::<Turned>(200);
    api.on(
        write(Method::POST, PATH, "Add an operator: only with all scopes", WRITE)
            .takes::<OperatorRequest>()
            .gives::<Added>(201),
        add,
    )
    .on(listing.query(&[LIMIT, AFTER, AT_LEAST]).gives::<Page<Operator>>(200), list)
    .on(read(ONE, "Show an operator", "operators:read").gives::<Operator>(200), show)
    .on(
        write(
            Method::PATCH,
            ONE,
            "Give an operator another password, which ends their sessions, or another role: only with all scopes",
            WRITE,
        )
        .takes::<Change>()
        .gives::<Added>(200),
        change,
    )
    .on(
        turn(
            "/api/v1/operators/{id}/disable",
            "Disable an operator, never the last one who can sign in: only with all scopes",
        ),
        act(|operator_id, reason| DisableOperator { operator_id, reason }),
    )
    .on(turn("/api/v1/operators/{id}/enable", "Enable a disabled operator: only with all scopes"), act(enable))
    .on(
        write(Method::DELETE, ONE, "Erase a disabled operator's login for good: only with all scopes", WRITE)
            .takes::<Reason>()
            .gives::<Turned>(200),
        act(erase),
    )
}

async fn add(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    write: Write<OperatorRequest>,
) -> ApiResult {
    caller.require_all()?;
    let request = write.request.creation(&app, &write.command, write.errors).await?;
    Ok(created(&app.submit(write.command, request).await?, "operators"))
}

async fn change(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(text): Path<String>,
    write: Write<Change>,
) -> ApiResult {
    caller.require_all()?;
    let request = write.request.request(&app, &write.command, write.errors, id(&text)?).await?;
    Ok(replied(&app.submit(write.command, request).await?))
}

/// The handler of a route that does one thing with an operator, for a reason.
fn act<C: Command>(
    command: fn(Uuid, Option<String>) -> C,
) -> impl Fn(State<AppState>, Extension<Caller>, Path<String>, Write<Reason>) -> ApiFuture + Clone {
    move |State(app), Extension(caller), Path(text), write| {
        Box::pin(async move {
            caller.require_all()?;
            let command = command(id(&text)?, write.request.check(write.errors)?);
            Ok(replied(&app.submit(write.command, command).await?))
        })
    }
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let found = operators::queries::get(app.database(), id(&text)?).await?;
    Ok(Json(found.ok_or_else(Problem::not_found)?).into_response())
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(operators::queries::list(app.database(), after, page.limit).await?).into_response())
}
