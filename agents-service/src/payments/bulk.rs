//! Many payments in one request: a line of JSON for each, and a line with its answer, in the same order. Each line stands alone, so a
//! wrong one stops no other, and the whole may be sent again.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use event_store::log::CommandMeta;
use futures::StreamExt;
use serde::Serialize;
use serde_json::Value;
use web::http::body::{self, Payload};
use web::http::write::command_with_key;
use web::http::{Caller, FieldErrors, Problem};

use crate::endpoint::ApiResult;
use crate::payments::requests::PaymentRequest;
use crate::state::AppState;

const NDJSON: &str = "application/x-ndjson";
/// Most bytes of a request.
pub const MAX_BULK_BYTES: usize = 8 * 1024 * 1024;
/// Most lines of a request.
pub const MAX_BULK_LINES: usize = 10_000;
/// Lines of one request that are decided at once: enough to fill the writer's batches, and no more than leaves room for
/// others.
const AT_ONCE: usize = 512;

/// The answer to a line.
#[derive(Serialize)]
struct Answer {
    /// From 1.
    line: usize,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Value>,
}

pub fn is_many(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(NDJSON)
}

/// Records the payments and streams the answers.
pub async fn receive(app: AppState, request: Request) -> ApiResult {
    let actor = request.extensions().get::<Caller>().map_or("visitor", |caller| &caller.actor).to_owned();
    let Payload(bytes) = Payload::read(request, MAX_BULK_BYTES).await?;
    let lines: Vec<(usize, Vec<u8>)> = bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| (index + 1, line.to_vec()))
        .collect();
    if lines.is_empty() || lines.len() > MAX_BULK_LINES {
        let mut errors = FieldErrors::new();
        errors.add("body", "wrong_length", format!("must have 1 to {MAX_BULK_LINES} lines"));
        return Err(Problem::validation(errors));
    }
    let answers = futures::stream::iter(lines)
        .map(move |(number, line)| answer(app.clone(), actor.clone(), number, line))
        .buffered(AT_ONCE);
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(answers)).into_response())
}

async fn answer(app: AppState, actor: String, line: usize, text: Vec<u8>) -> Result<String, serde_json::Error> {
    let answer = match record(&app, &actor, &text).await {
        Ok((status, payment)) => Answer { line, status, payment: Some(payment), problem: None },
        Err(problem) => {
            let (status, described) = problem.described();
            Answer { line, status, payment: None, problem: Some(described) }
        }
    };
    Ok(serde_json::to_string(&answer)? + "\n")
}

async fn record(app: &AppState, actor: &str, text: &[u8]) -> Result<(u16, Value), Problem> {
    let value = body::parse(text)?;
    if !value.is_object() {
        let mut errors = FieldErrors::new();
        errors.add("body", "wrong_type", "must be an object");
        return Err(Problem::validation(errors));
    }
    // A payment's reference makes its repetition the same payment, so no key of the request is needed.
    let key = contract::ids::new_id().to_string();
    let command: CommandMeta = command_with_key(actor, "POST /api/v1/payments", &key, &value)?;
    let (request, errors) = body::read::<PaymentRequest>(value);
    let appended = app.append(command, request.receiving(errors, app.clock.now())?).await?;
    Ok((appended.answer.status, appended.answer.read().map_err(|error| Problem::unforeseen(&error))?))
}
