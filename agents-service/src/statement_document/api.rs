use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use web::http::query::Query;
use web::http::{Api, Operation, Problem};

use crate::endpoint::ApiResult;
use crate::state::AppState;
use crate::statement_document::render::{Format, Loaded, WithLines};
use crate::statements::queries;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let summary =
        "Show a statement with its lines, as Accept asks: JSON, HTML, CSV or PDF; or by an ending, such as 12.pdf";
    let showing = Operation::new(Method::GET, "/api/v1/statements/{number}", summary).scope("money:read");
    api.on(showing.sends(&["text/html", "text/csv", "application/pdf"]).fails(&[406]).gives::<WithLines>(200), show)
}

/// A number, and the format that its ending names.
pub fn named(text: &str) -> Option<(u64, Option<Format>)> {
    let (number, format) = match text.split_once('.') {
        Some((number, ending)) => (number, Some(ending.parse().ok()?)),
        None => (text, None),
    };
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    Some((number.parse().ok().filter(|_| is_plain)?, format))
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, headers: HeaderMap, query: Query) -> ApiResult {
    query.finish()?;
    let (number, format) = named(&text).ok_or_else(Problem::not_found)?;
    let issued = queries::get(app.database(), number).await?.ok_or_else(Problem::not_found)?;
    let format = format.or_else(|| Format::accepted(&headers)).ok_or_else(not_acceptable)?;
    let mut response = Loaded::of(&app, issued).await?.response(&app, format).await?;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

fn not_acceptable() -> Problem {
    let detail = "A statement is application/json, text/html, text/csv or application/pdf.";
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not acceptable", detail)
}
