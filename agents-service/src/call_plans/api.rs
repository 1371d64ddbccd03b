use axum::Extension;
use axum::extract::{Path, State};
use axum::http::Method;
use schemars::SchemaGenerator;
use web::http::query::Query;
use web::http::{Api, Caller, Holds, Operation, Problem, Write, replied};

use crate::call_plans;
use crate::call_plans::commands::retire;
use crate::call_plans::queries::Filter;
use crate::call_plans::requests::CallPlanRequest;
use crate::call_plans::snapshot::{CallPlanSnapshot, State as PlanState};
use crate::command::Command;
use crate::endpoint::{
    AFTER, AT_LEAST, ApiResult, LIMIT, ORDERS_OR_NAME, Reason, SORT_OR_NAME, created, id, read, sort, wait_only,
    with_etag, with_reason, write,
};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::state::AppState;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, "/api/v1/call-plans", "List call plans").scope("plans:read").query(&[
        ("search", "The beginnings of words of the name, in any order", Holds::Text),
        ("state", "Only call plans in this state", Holds::Type(SchemaGenerator::subschema_for::<PlanState>)),
        SORT_OR_NAME,
        LIMIT,
        COUNT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/call-plans", "Create a call plan", "plans:write")
            .takes::<CallPlanRequest>()
            .gives::<CallPlanSnapshot>(201),
        create,
    )
    .on(listing.gives::<Page<CallPlanSnapshot>>(200), list)
    .on(read("/api/v1/call-plans/{id}", "Show a call plan", "plans:read").gives::<CallPlanSnapshot>(200), show)
    .on(
        write(Method::PATCH, "/api/v1/call-plans/{id}", "Change a call plan", "plans:write")
            .if_match()
            .takes::<CallPlanRequest>()
            .gives::<CallPlanSnapshot>(200),
        change,
    )
    .on(
        write(
            Method::POST,
            "/api/v1/call-plans/{id}/retire",
            "Retire a call plan for good: its keys stop",
            "plans:write",
        )
        .if_match()
        .takes::<Reason>()
        .gives::<CallPlanSnapshot>(200),
        with_reason(retire),
    )
}

async fn create(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    write: Write<CallPlanRequest>,
) -> ApiResult {
    write.request.check_terms(&caller)?;
    let request = write.request.creation(write.errors)?;
    let appended = app.submit(write.command, request).await?;
    Ok(created(&appended, "call-plans"))
}

async fn change(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(text): Path<String>,
    write: Write<CallPlanRequest>,
) -> ApiResult {
    write.request.check_terms(&caller)?;
    let request = write.request.change(write.errors, id(&text)?)?;
    Ok(replied(&app.submit(write.command, request.expecting(write.if_match)).await?))
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let plan = call_plans::queries::get(app.database(), id(&text)?).await?.ok_or_else(Problem::not_found)?;
    let version = plan.version;
    Ok(with_etag(plan, version))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let (sort, after) = sort(&mut query, ORDERS_OR_NAME, page.after);
    let filter = Filter {
        search: query.text("search"),
        state: query.parsed::<PlanState>("state"),
        sort,
        after,
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = call_plans::queries::list(app.database(), &filter).await?;
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, call_plans::queries::query(app.database(), &whole)).await
}
