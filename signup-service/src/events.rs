//! The signups' log for programs: a page at a time, or live; and how far the agents' log has been followed.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Json};
use event_store::projections::FollowedLog;
use web::http::query::Query;
use web::http::{Admission, Problem, events};

use crate::state::AppState;

/// `GET /api/v1/events`
pub async fn get(
    State(app): State<AppState>,
    Extension(admission): Extension<Admission>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    events::answer(&app.streams, &app, admission, query, &headers).await
}

/// `GET /api/v1/followed`
pub async fn followed(State(app): State<AppState>) -> Result<Json<FollowedLog>, Problem> {
    Ok(Json(FollowedLog::of(app.keys.checkpoint()).await?))
}
