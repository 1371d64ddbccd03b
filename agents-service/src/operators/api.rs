//! Operators: add, list, show, set a password, disable, enable, erase. Writes are for callers with every scope.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::query::Query;
use web::http::{Api, Caller, Operation, Problem, Write, replied};

use crate::command::Command;
use crate::endpoint::{AFTER, AT_LEAST, LIMIT, Reason, id, position_cursor, read, wait_only, write};
use crate::operators;
use crate::operators::commands::{DisableOperator, EnableOperator, EraseOperator};
use crate::operators::queries::Operator;
use crate::operators::requests::{Change, OperatorRequest};
use crate::operators::snapshot::State as OperatorState;
use crate::paging::Page;
use crate::state::AppState;

const PATH: &str = "/api/v1/operators";
const ONE: &str = "/api/v1/operators/{id}";
const WRITE: &str = "operators:write";

#[derive(Serialize, JsonSchema)]
struct Added {
    id: Uuid,
}

#[derive(Serialize, JsonSchema)]
struct Turned {
    id: Uuid,
    state: OperatorState,
}

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, PATH, "List operators").scope("operators:read");
    let act = |path, summary| write(Method::POST, path, summary, WRITE).takes::<Reason>().gives::<Turned>(200);
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
            "Give an operator another password, which ends their sessions: only with all scopes",
            WRITE,
        )
        .takes::<Change>()
        .gives::<Added>(200),
        change,
    )
    .on(
        act(
            "/api/v1/operators/{id}/disable",
            "Disable an operator, never the last one who can sign in: only with all scopes",
        ),
        disable,
    )
    .on(act("/api/v1/operators/{id}/enable", "Enable a disabled operator: only with all scopes"), enable)
    .on(
        write(Method::DELETE, ONE, "Erase a disabled operator's login for good: only with all scopes", WRITE)
            .takes::<Reason>()
            .gives::<Turned>(200),
        erase,
    )
}

async fn add(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    write: Write<OperatorRequest>,
) -> Result<Response, Problem> {
    caller.require_all()?;
    let request = write.request.creation(&app, &write.command, write.errors).await?;
    Ok(replied(&app.submit(write.command, request).await?))
}

async fn change(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(text): Path<String>,
    write: Write<Change>,
) -> Result<Response, Problem> {
    caller.require_all()?;
    let request = write.request.request(&app, &write.command, write.errors, id(&text)?).await?;
    Ok(replied(&app.submit(write.command, request).await?))
}

async fn disable(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    path: Path<String>,
    write: Write<Reason>,
) -> Result<Response, Problem> {
    act(&app, &caller, &path, write, |operator_id, reason| DisableOperator { operator_id, reason }).await
}

async fn enable(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    path: Path<String>,
    write: Write<Reason>,
) -> Result<Response, Problem> {
    act(&app, &caller, &path, write, |operator_id, reason| EnableOperator { operator_id, reason }).await
}

async fn erase(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    path: Path<String>,
    write: Write<Reason>,
) -> Result<Response, Problem> {
    act(&app, &caller, &path, write, |operator_id, reason| EraseOperator { operator_id, reason }).await
}

async fn act<C: Command>(
    app: &AppState,
    caller: &Caller,
    operator_id: &str,
    write: Write<Reason>,
    command: impl FnOnce(Uuid, Option<String>) -> C,
) -> Result<Response, Problem> {
    caller.require_all()?;
    let command = command(id(operator_id)?, write.request.check(write.errors)?);
    Ok(replied(&app.submit(write.command, command).await?))
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> Result<Response, Problem> {
    wait_only(&app, query).await?;
    let found = operators::queries::get(app.database(), id(&text)?).await?;
    Ok(Json(found.ok_or_else(Problem::not_found)?).into_response())
}

async fn list(State(app): State<AppState>, mut query: Query) -> Result<Response, Problem> {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(operators::queries::list(app.database(), after, page.limit).await?).into_response())
}
