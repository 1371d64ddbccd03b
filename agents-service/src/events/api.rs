use axum::extract::State;
use axum::handler::Handler;
use axum::http::{HeaderMap, Method};
use axum::{Extension, Json};
use event_store::projections::FollowedLog;
use event_store::projections::followed_log::PATH;
use web::http::query::Query;
use web::http::{Admission, Api, Operation, Problem, events};

use crate::endpoint::ApiResult;
use crate::state::AppState;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let operation = Operation::new(
        Method::GET,
        "/api/v1/events",
        "The log as JSON lines; `Accept: text/event-stream` follows it live",
    );
    let followed = Operation::new(Method::GET, PATH, "How far the log of signups is followed, for the signup-service");
    api.on(
        operation.query(events::PARAMETERS).sends(events::MEDIA).fails(events::STATUSES).scope("events:read"),
        list.layer(events::compression()),
    )
    .on(followed.scope("events:read").gives::<FollowedLog>(200), self::followed)
}

async fn list(
    State(app): State<AppState>,
    Extension(admission): Extension<Admission>,
    query: Query,
    headers: HeaderMap,
) -> ApiResult {
    events::answer(&app.streams, &app, admission, query, &headers).await
}

async fn followed(State(app): State<AppState>) -> Result<Json<FollowedLog>, Problem> {
    Ok(Json(match &app.sales {
        Some(sales) => FollowedLog::of(sales).await?,
        None => FollowedLog::nothing(),
    }))
}
