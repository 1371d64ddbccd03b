use std::future::ready;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::IntoResponse;
use web::http::query::Query;
use web::http::{Api, Holds, Operation, Write, replied};

use crate::endpoint::{AFTER, ApiResult, LIMIT, located, position_cursor, write};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::settings;
use crate::state::AppState;
use crate::statements::issue_all::{self, StepDone};
use crate::statements::queries::{self, Filter, StatementItem};
use crate::statements::requests::{AllStatementsRequest, StatementRequest};
use crate::statements::snapshot::StatementSnapshot;

const PATH: &str = "/api/v1/statements";
const ISSUE: &str = "statements:issue";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, PATH, "List statements, newest first").scope("money:read").query(&[
        ("agent_id", "Only those of this agent", Holds::Id),
        LIMIT,
        COUNT,
        AFTER,
    ]);
    let issuing = write(
        Method::POST,
        PATH,
        "Issue a statement; 200 with the statement that stands where it was issued before",
        ISSUE,
    );
    let all = write(
        Method::POST,
        "/api/v1/statements/batch",
        "Issue the statements of a period for agents with lines in it; repeat with `after` until `next` is null",
        ISSUE,
    );
    api.on(listing.gives::<Page<StatementItem>>(200), list)
        .on(issuing.takes::<StatementRequest>().gives::<StatementSnapshot>(201), issue)
        .on(all.without_position().takes::<AllStatementsRequest>().gives::<StepDone>(200), issue_step)
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    let page = query.page();
    let filter = Filter {
        agent_id: query.parsed("agent_id"),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = queries::list(app.database(), &filter).await?;
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, ready(Ok(whole.query()))).await
}

async fn issue(State(app): State<AppState>, write: Write<StatementRequest>) -> ApiResult {
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let command = write.request.issuing(&app, write.errors, &zone).await?;
    let appended = app.append(write.command, command).await?;
    let number = appended.answer.read::<serde_json::Value>().ok().and_then(|body| body["number"].as_u64());
    Ok(located(replied(&appended), "statements", &number.unwrap_or_default().to_string()))
}

async fn issue_step(State(app): State<AppState>, write: Write<AllStatementsRequest>) -> ApiResult {
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let step = write.request.check(write.errors, &zone)?;
    Ok(Json(issue_all::issue(&app, &write.command, &step).await?).into_response())
}
