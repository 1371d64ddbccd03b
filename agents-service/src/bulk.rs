//! Many things in one request: a line of JSON for each, and a line with its answer, in the same order. A wrong line stops no other.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use event_store::log::{AppendResult, CommandMeta, MAX_TOGETHER};
use futures::StreamExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};
use web::http::NDJSON;
use web::http::body::{self, Payload};
use web::http::write::command;
use web::http::{Caller, FieldErrors, Problem};

use crate::command::Submission;
use crate::endpoint::ApiResult;
use crate::state::AppState;

/// Most bytes of a request.
pub const MAX_BULK_BYTES: usize = 8 * 1024 * 1024;
/// Requests of things to be written together that are worked on at once; others wait, since each keeps its bytes.
const TOGETHER_AT_ONCE: usize = 2;
/// Lines of such a request that are prepared at once: a password is hashed on one core.
const PREPARED_AT_ONCE: usize = 4;

static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(TOGETHER_AT_ONCE)));

/// Whether a request has many things.
pub fn is_many(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(NDJSON)
}

/// The lines that are not empty, each with its number, from 1.
pub fn lines(bytes: &[u8], most: usize) -> Result<Vec<(usize, &[u8])>, Problem> {
    let lines: Vec<(usize, &[u8])> = bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| (index + 1, line))
        .collect();
    if lines.is_empty() || lines.len() > most {
        let mut errors = FieldErrors::new();
        errors.add("body", "wrong_length", format!("must have 1 to {most} lines"));
        return Err(Problem::validation(errors));
    }
    Ok(lines)
}

/// The object of a line.
pub fn object(line: &[u8]) -> Result<Value, Problem> {
    body::object(body::parse(line)?)
}

/// The line with the answer to line `number`: the written thing, as `noun`, or a problem.
pub fn answer(number: usize, noun: &str, outcome: Result<(&AppendResult, &str), Problem>) -> String {
    match outcome {
        Ok((appended, body)) => {
            let (status, position) = (appended.answer.status, appended.position);
            format!("{{\"line\":{number},\"status\":{status},\"position\":{position},\"{noun}\":{body}}}\n")
        }
        Err(problem) => {
            let (status, described) = problem.described();
            format!("{{\"line\":{number},\"status\":{status},\"problem\":{described}}}\n")
        }
    }
}

/// A thing of which many can be written in one commit.
pub trait Line: DeserializeOwned + Default + Send + 'static {
    /// Its name in an answer.
    const NOUN: &'static str;

    /// The command of a line.
    fn submission<'a>(
        self,
        app: &'a AppState,
        caller: &'a Caller,
        command: &'a CommandMeta,
        errors: FieldErrors,
    ) -> BoxFuture<'a, Result<Submission, Problem>>;

    /// The bodies of the answers, of as many commands: as they are stored, unless a noun adds to them.
    fn answers<'a>(_app: &'a AppState, appended: &'a [AppendResult]) -> BoxFuture<'a, Result<Vec<String>, Problem>> {
        Box::pin(async { Ok(appended.iter().map(|appended| appended.answer.text().to_owned()).collect()) })
    }
}

/// The handler of a route that writes the things of all lines, [`MAX_TOGETHER`] at most, in one commit. With an `Idempotency-Key`
/// each line may be sent again: it is known by the key and its number. Passwords take long to hash, so the response begins
/// before they are, and the work goes on without its client.
pub async fn write_together<L: Line>(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> ApiResult {
    let headers = request.headers().clone();
    let what = format!("{} {}", request.method(), request.uri().path());
    if !is_many(&headers) {
        return Err(body::unsupported("Send a line of JSON for each, with Content-Type: application/x-ndjson."));
    }
    let place = Arc::clone(&PLACES).acquire_owned().await.map_err(|_| Problem::unavailable())?;
    let Payload(bytes) = Payload::read(request, MAX_BULK_BYTES).await?;
    let mut wanted = Vec::new();
    for (number, line) in lines(&bytes, MAX_TOGETHER)? {
        let read = object(line).and_then(|value| {
            let command = command(&caller.actor, &what, &headers, &value)?.within(&number.to_string());
            Ok((command, body::read::<L>(value)))
        });
        wanted.push((number, read));
    }
    let (written, answers) = oneshot::channel();
    tokio::spawn(async move {
        // The client may have gone.
        let _ = written.send(answers_to(&app, &caller, wanted).await);
        drop(place);
    });
    let answers = futures::stream::once(async { answers.await.map_err(std::io::Error::other) });
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(answers)).into_response())
}

/// A line as it was read.
type Wanted<L> = (usize, Result<(CommandMeta, (L, FieldErrors)), Problem>);

/// Writes the things of all lines, and returns the lines with their answers.
async fn answers_to<L: Line>(app: &AppState, caller: &Caller, wanted: Vec<Wanted<L>>) -> String {
    let submission = async |(number, read): Wanted<L>| {
        let submission = async {
            let (command, (request, errors)) = read?;
            let submission = request.submission(app, caller, &command, errors).await?;
            Ok((command, submission))
        };
        (number, submission.await)
    };
    let mut prepared = pin!(futures::stream::iter(wanted).map(submission).buffered(PREPARED_AT_ONCE));
    let (mut answers, mut numbers, mut submissions) = (BTreeMap::new(), Vec::new(), Vec::new());
    while let Some((number, submission)) = prepared.next().await {
        match submission {
            Ok(submission) => {
                numbers.push(number);
                submissions.push(submission);
            }
            Err(problem) => drop(answers.insert(number, answer(number, L::NOUN, Err(problem)))),
        }
    }
    let (mut written, mut appended) = (Vec::new(), Vec::new());
    for (number, outcome) in numbers.into_iter().zip(app.submit_together(submissions).await) {
        match outcome {
            Ok(result) => {
                written.push(number);
                appended.push(result);
            }
            Err(problem) => drop(answers.insert(number, answer(number, L::NOUN, Err(problem)))),
        }
    }
    let bodies = L::answers(app, &appended).await;
    for (index, (number, appended)) in written.into_iter().zip(&appended).enumerate() {
        let body =
            bodies.as_ref().map_err(Problem::clone).map(|bodies| bodies.get(index).map_or("null", String::as_str));
        answers.insert(number, answer(number, L::NOUN, body.map(|body| (appended, body))));
    }
    answers.into_values().collect()
}
