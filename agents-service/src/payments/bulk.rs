//! Many payments in one request: a line of JSON for each, and a line with its answer, in the same order. Each line stands alone, so a
//! wrong one stops no other, and the whole may be sent again.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::response::IntoResponse;
use event_store::log::{AppendResult, CommandMeta};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::coop::consume_budget;
use web::http::NDJSON;
use web::http::body::{self, Payload};
use web::http::trace::current_traceparent;
use web::http::{Caller, Problem};

use crate::bulk::{self, MAX_BULK_BYTES, lines};
use crate::endpoint::ApiResult;
use crate::payments::requests::PaymentRequest;
use crate::state::AppState;

/// Most lines of a request.
pub const MAX_BULK_LINES: usize = 10_000;
/// Lines of all requests that are decided at once: enough to fill the writer's batches, and no more than leaves room for
/// others in its queue.
const AT_ONCE: usize = 512;
/// Shares of a task's time that a line takes: reading hundreds of lines without a pause would keep others waiting.
const SHARES_OF_LINE: usize = 4;

static DECIDED_AT_ONCE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// Records the payments and streams the answers.
pub async fn receive(app: AppState, request: Request) -> ApiResult {
    let actor = request.extensions().get::<Caller>().map_or("visitor", |caller| &caller.actor).to_owned();
    let (id, fingerprint) = (String::new(), String::new());
    let sender = CommandMeta { id, fingerprint, actor, cause: current_traceparent() };
    let Payload(bytes) = Payload::read(request, MAX_BULK_BYTES).await?;
    let lines: Vec<(usize, Vec<u8>)> =
        lines(&bytes, MAX_BULK_LINES)?.into_iter().map(|(number, line)| (number, line.to_vec())).collect();
    // There is room for every answer, so that a client who does not read them keeps no place from others.
    let (written, answers) = mpsc::channel(lines.len());
    tokio::spawn(async move {
        let answered = futures::stream::iter(lines)
            .then(in_turn)
            .map(move |(place, number, line)| answer(app.clone(), sender.clone(), place, number, line))
            .buffered(AT_ONCE);
        let mut answered = pin!(answered);
        while let Some(line) = answered.next().await {
            // Without a client, the rest is not sent to the writer.
            if written.send(line).await.is_err() {
                return;
            }
        }
    });
    let answers = futures::stream::unfold(answers, |mut answers| async move {
        Some((Ok::<_, Infallible>(answers.recv().await?), answers))
    });
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(answers)).into_response())
}

/// A place for a line, once there is one. Lines wait before they are read, one after the other, since the first of two with the
/// same reference counts.
async fn in_turn((number, line): (usize, Vec<u8>)) -> (Option<OwnedSemaphorePermit>, usize, Vec<u8>) {
    // The places are never closed.
    let place = Arc::clone(&DECIDED_AT_ONCE).acquire_owned().await.ok();
    for _ in 0..SHARES_OF_LINE {
        consume_budget().await;
    }
    (place, number, line)
}

async fn answer(
    app: AppState,
    sender: CommandMeta,
    place: Option<OwnedSemaphorePermit>,
    line: usize,
    text: Vec<u8>,
) -> String {
    let recorded = record(&app, sender, &text).await;
    let recorded = recorded.as_ref().map_err(Problem::clone).map(|appended| (appended, appended.answer.text()));
    let answer = bulk::answer(line, "payment", recorded);
    drop(place);
    answer
}

async fn record(app: &AppState, sender: CommandMeta, text: &[u8]) -> Result<AppendResult, Problem> {
    let value = bulk::object(text)?;
    // A payment's reference makes its repetition the same payment, so no key of the request is needed.
    let key = contract::ids::new_id().to_string();
    let command = CommandMeta { id: format!("{}:{key}", sender.actor), fingerprint: key, ..sender };
    let (request, errors) = body::read::<PaymentRequest>(value);
    app.append(command, request.receiving(errors, app.clock.now())?).await
}
