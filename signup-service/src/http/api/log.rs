//! The signups' log for programs: replay by page, or live.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use shared::http::query::Query;
use shared::http::{Problem, events};

use crate::http::App;

/// `GET /api/v1/events`
pub async fn get(State(app): State<App>, query: Query, headers: HeaderMap) -> Result<Response, Problem> {
    events::answer(&app.log, query, &headers).await
}
