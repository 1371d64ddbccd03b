//! A log over HTTP: pages of JSON lines for replay and audit, server-sent events for following live; whole or a selection.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use tower_http::compression::CompressionLayer;
use uuid::Uuid;

use super::caller::{Admission, Authenticator};
use super::live;
use super::openapi::{Holds, NDJSON, Parameter};
use super::problem::Problem;
use super::query::Query;
use super::streams::Streams;
use contract::selection::{Selection, THINGS};
use event_store::feed::{HEAD, HEAD_HASH, LOG_ID, NEXT};
use event_store::log::{Log, LogPoint, page_of_lines};

/// Events of a page by default.
pub const DEFAULT_EVENTS: usize = 500;
/// Most events of a page.
pub const MAX_EVENTS: usize = 5_000;
/// Most types that a selection names.
const MAX_TYPES: usize = 50;
/// Most seconds that an empty page waits.
const MAX_WAIT: usize = 30;

/// The parameters of `GET /events`, for the API's description.
pub const PARAMETERS: &[Parameter] = &[
    (
        "type",
        "Only events of these types, separated by commas, such as signpost.signups.customer_placed.v1",
        Holds::Text,
    ),
    (THINGS[0].0, THINGS[0].1, Holds::Id),
    (THINGS[1].0, THINGS[1].1, Holds::Id),
    (THINGS[2].0, THINGS[2].1, Holds::Id),
    (
        "wait",
        "Seconds that an empty page waits for an event. The header Signpost-Next says where to go on",
        Holds::Number { least: 0, most: MAX_WAIT, default: 0 },
    ),
    (
        "after",
        "Position behind which to begin, or the log's id, a hyphen and the position; 0, the default, is before the first event. \
         In a live stream the header Last-Event-ID comes first",
        Holds::Pattern("^([0-9a-fA-F-]{36}-)?[0-9]+$"),
    ),
    (
        "limit",
        "Most events of the answer. Large events make a page shorter: it ends the log at Signpost-Head only",
        Holds::Number { least: 1, most: MAX_EVENTS, default: DEFAULT_EVENTS },
    ),
];

/// The media types of the answers of `GET /events`.
pub const MEDIA: &[&str] = &[NDJSON, EVENT_STREAM];
/// The statuses of its problems beside those of every read.
pub const STATUSES: &[u16] = &[400, 409];
const EVENT_STREAM: &str = "text/event-stream";

/// Compresses pages of events where the client accepts that.
pub fn compression() -> CompressionLayer {
    CompressionLayer::new()
}

/// Answers `GET /events?after=&limit=` for an admitted caller.
pub async fn answer<G: Authenticator>(
    streams: &Streams,
    gate: &G,
    admission: Admission,
    mut query: Query,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let after = query.text("after");
    let selection = selection(&mut query);
    let wait = query.parsed::<usize>("wait").unwrap_or(0);
    if wait > MAX_WAIT {
        query.error("wait", "out_of_range", "must be 0 to 30");
    }
    let limit = query.parsed::<usize>("limit").unwrap_or(DEFAULT_EVENTS);
    if limit == 0 || limit > MAX_EVENTS {
        query.error("limit", "out_of_range", "must be 1 to 5000");
    }
    query.finish()?;
    let log = streams.log();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accept.contains(EVENT_STREAM) {
        return page(log, after.as_deref(), limit, &selection, Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
            .await;
    }
    // A client that reconnects states its position in this header; its URL still has the first one.
    let last =
        headers.get("last-event-id").map(|value| value.to_str().unwrap_or("not ASCII")).filter(|id| !id.is_empty());
    let head = log.head().await?;
    match place(log, head, last.or(after.as_deref())) {
        Ok(position) => live::follow(streams, gate, admission, (position, selection)),
        Err(problem) => Ok(with_head(problem.into_response(), log, head)),
    }
}

/// The events that the parameters ask for.
fn selection(query: &mut Query) -> Selection {
    let types = query.text("type").unwrap_or_default();
    let types: Vec<String> =
        types.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if types.len() > MAX_TYPES {
        query.error("type", "too_many", "has more than 50 types");
    }
    Selection { types, things: THINGS.map(|(name, _)| query.parsed(name)) }
}

async fn page(
    log: &Log,
    after: Option<&str>,
    limit: usize,
    selection: &Selection,
    wait: Duration,
) -> Result<Response, Problem> {
    // A client that followed beyond the end learns that the log is shorter now.
    let head = log.head().await?;
    let position = match place(log, head, after) {
        Ok(position) => position,
        Err(problem) => return Ok(with_head(problem.into_response(), log, head)),
    };
    let ends = Instant::now() + wait;
    let mut page = page_of_lines(log, position, limit, selection).await?;
    while page.text.is_empty() && Instant::now() < ends {
        // It ends by itself now and then, since other processes append too.
        let _ = tokio::time::timeout_at(ends, log.wait_beyond(page.next)).await;
        page = page_of_lines(log, page.next, limit, selection).await?;
    }
    let mut response = ([(header::CONTENT_TYPE, NDJSON)], page.text).into_response();
    response.headers_mut().insert(NEXT, HeaderValue::from(page.next));
    Ok(with_head(response, log, log.head().await?))
}

/// The position that a client names: its digits, or the log's id, a hyphen and the digits.
fn place(log: &Log, head: LogPoint, named: Option<&str>) -> Result<u64, Problem> {
    let Some(named) = named else { return Ok(0) };
    let log_id = log.identity().log_id;
    let problem = |status, kind, title, detail: String| {
        Problem::new(status, kind, title, detail).with("head", head.position).with("log_id", log_id.to_string())
    };
    let parsed = match named.rsplit_once('-') {
        Some((log_id, position)) => log_id.parse::<Uuid>().ok().map(Some).zip(digits(position)),
        None => digits(named).map(|position| (None, position)),
    };
    let Some((of_log, position)) = parsed else {
        let detail = "Give a position, or the id of a log, a hyphen and a position.".to_owned();
        return Err(problem(StatusCode::BAD_REQUEST, "invalid-position", "Not a position", detail));
    };
    if of_log.is_some_and(|of_log| of_log != log_id) {
        let detail = format!("The position is of another log; this one is {log_id}. Begin again in it.");
        return Err(problem(StatusCode::CONFLICT, "other-log", "Position of another log", detail));
    }
    if position > head.position {
        let detail =
            format!("The log ends at position {}. Find out whether it was restored from a backup.", head.position);
        return Err(problem(StatusCode::CONFLICT, "beyond-head", "Position beyond the end of the log", detail));
    }
    Ok(position)
}

/// A number without a sign; one that is too large for a position is beyond every log.
fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Adds headers with the end of the log and its id.
fn with_head(mut response: Response, log: &Log, head: LogPoint) -> Response {
    let texts = [(HEAD_HASH, head.hash.to_string()), (LOG_ID, log.identity().log_id.to_string())];
    response.headers_mut().insert(HEAD, HeaderValue::from(head.position));
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
