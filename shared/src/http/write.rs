//! Writes that can be repeated: the command that a request is, and the answer that it gets every time.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::body;
use super::caller::Caller;
use super::field_errors::FieldErrors;
use super::problem::Problem;
use super::trace;
use crate::ids::{digest, new_id};
use crate::log::{Command, Receipt};

/// Longest `Idempotency-Key`, in characters.
pub const MAX_IDEMPOTENCY_KEY: usize = 128;

/// A write as it arrived.
#[derive(Debug)]
pub struct Write<T> {
    /// What is asked for, as far as it reads.
    pub request: T,
    /// What does not read.
    pub errors: FieldErrors,
    /// The command that it is.
    pub command: Command,
}

impl<T: DeserializeOwned + Default> Write<T> {
    /// Reads a JSON body; an empty body is an empty object. `what` says which operation on which thing this is, so that
    /// one key cannot serve two of them.
    pub fn read(actor: &str, what: &str, headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Problem> {
        let value = if bytes.is_empty() {
            json!({})
        } else {
            body::check_content_type(headers)?;
            body::parse(bytes)?
        };
        if !value.is_object() {
            let mut errors = FieldErrors::new();
            errors.add("body", "wrong_type", "must be an object");
            return Err(Problem::validation(errors));
        }
        let command = command(actor, what, headers, &value)?;
        let (request, errors) = body::read(value);
        Ok(Self { request, errors, command })
    }
}

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for Write<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let actor = request.extensions().get::<Caller>().map_or("visitor", |caller| &caller.actor).to_owned();
        let what = format!("{} {}", request.method(), request.uri().path());
        let headers = request.headers().clone();
        let body::Payload(bytes) = body::Payload::from_request(request, state).await?;
        Self::read(&actor, &what, &headers, &bytes)
    }
}

/// The command that a request is. Without an `Idempotency-Key` it gets an id of its own.
pub fn command(actor: &str, what: &str, headers: &HeaderMap, body: &Value) -> Result<Command, Problem> {
    match headers.get("idempotency-key") {
        None => command_with_key(actor, what, &new_id().to_string(), body),
        Some(value) => command_with_key(actor, what, value.to_str().unwrap_or_default(), body),
    }
}

/// The command that a request with this `Idempotency-Key` is.
pub fn command_with_key(actor: &str, what: &str, key: &str, body: &Value) -> Result<Command, Problem> {
    if key.is_empty() || key.len() > MAX_IDEMPOTENCY_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let mut errors = FieldErrors::outside_body();
        errors.add("Idempotency-Key", "invalid", "must be 1 to 128 visible ASCII characters");
        return Err(Problem::validation(errors));
    }
    Ok(Command {
        id: format!("{actor}:{key}"),
        fingerprint: fingerprint(what, body),
        actor: actor.to_owned(),
        cause: trace::current_traceparent(),
    })
}

/// A digest of what is asked. Passwords stay out of it: a fast digest of one could be used to guess it.
fn fingerprint(what: &str, body: &Value) -> String {
    match body.as_object() {
        Some(members) if members.keys().any(|name| name.contains("password")) => {
            let mut members = members.clone();
            members.retain(|name, _| !name.contains("password"));
            digest(&format!("{what}\n{}", Value::Object(members)))
        }
        _ => digest(&format!("{what}\n{body}")),
    }
}

/// The answer to a write: the stored status and body, with the position that it reached.
pub fn replied(receipt: &Receipt) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    let mut response = with_receipt((content_type, receipt.answer.text().to_owned()).into_response(), receipt);
    if let Ok(Versioned { version: Some(version) }) = receipt.answer.read() {
        response.headers_mut().insert(header::ETAG, etag(version));
    }
    response
}

/// The same, with members added that are not stored.
pub fn replied_with(receipt: &Receipt, add: impl FnOnce(&mut Map<String, Value>)) -> Result<Response, Problem> {
    let mut body: Map<String, Value> = receipt.answer.read().map_err(|error| Problem::unforeseen(&error))?;
    add(&mut body);
    let version = body.get("version").and_then(Value::as_u64);
    let mut response = with_receipt(Json(body).into_response(), receipt);
    if let Some(version) = version {
        response.headers_mut().insert(header::ETAG, etag(version));
    }
    Ok(response)
}

/// What of an answer is an entity tag too.
#[derive(Deserialize)]
struct Versioned {
    version: Option<u64>,
}

/// Puts a receipt's status and headers on a response.
pub fn with_receipt(mut response: Response, receipt: &Receipt) -> Response {
    *response.status_mut() = StatusCode::from_u16(receipt.answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert("signpost-position", HeaderValue::from(receipt.position));
    if receipt.replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// A version as an entity tag.
pub fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The version that `If-Match` names; `*` and weak tags do not name one.
pub fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(Problem::version_mismatch)
}
