//! A log over HTTP: pages of JSON lines for replay and audit, server-sent events for following live.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::caller::{Admission, Gate};
use super::live;
use super::problem::Problem;
use super::query::Query;
use super::streams::Streams;
use crate::log::{Log, Recorded};

/// Events of a page when the client does not say.
pub const DEFAULT_EVENTS: usize = 500;
/// Most events of a page.
pub const MAX_EVENTS: usize = 5_000;

/// What `GET /events` may be asked, for the API's description.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("after", "Position behind which to begin; 0, the default, is before the first event"),
    ("limit", "Most events of the answer, 1 to 5000"),
];

/// Headers of a page: where the log ends, the hash there, and the log's id.
pub const HEAD: &str = "signpost-head";
/// See [`HEAD`].
pub const HEAD_HASH: &str = "signpost-head-hash";
/// See [`HEAD`].
pub const LOG_ID: &str = "signpost-log-id";

/// Answers `GET /events?after=&limit=` for a caller who was admitted.
pub async fn answer<G: Gate>(
    streams: &Streams,
    gate: &G,
    admission: Admission,
    mut query: Query,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let after = query.parsed::<u64>("after");
    let limit = query.parsed::<usize>("limit").unwrap_or(DEFAULT_EVENTS);
    if limit == 0 || limit > MAX_EVENTS {
        query.error("limit", "out_of_range", "must be 1 to 5000");
    }
    query.finish()?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/event-stream") {
        // A client that reconnects says in this header how far it came.
        let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|id| id.parse().ok());
        return live::follow(streams, gate, admission, last.or(after).unwrap_or(0));
    }
    page(streams.log(), after.unwrap_or(0), limit).await
}

async fn page(log: &Log, after: u64, limit: usize) -> Result<Response, Problem> {
    let events = log.read_after(after, limit).await?;
    let head = log.head().await?;
    let mut text = String::new();
    for event in &events {
        text.push_str(&line(log, event)?);
        text.push('\n');
    }
    let mut response = ([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response();
    let texts = [(HEAD_HASH, head.hash.to_string()), (LOG_ID, log.identity().log_id.to_string())];
    response.headers_mut().insert(HEAD, HeaderValue::from(head.position));
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

fn line(log: &Log, event: &Recorded) -> Result<String, Problem> {
    event.to_json(log.identity()).map_err(|error| Problem::unforeseen(&error))
}
