//! Idempotent writes: the command of a request, and the response that every repetition gets.

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
use contract::ids::{digest, new_id};
use event_store::log::{AppendResult, CommandMeta};

/// The header that identifies a repetition.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Longest `Idempotency-Key`, in characters of one byte each.
pub const MAX_IDEMPOTENCY_KEY: usize = 128;

/// A decoded write.
#[derive(Debug)]
pub struct Write<T> {
    /// The request, without malformed fields.
    pub request: T,
    /// The malformed fields.
    pub errors: FieldErrors,
    /// The command.
    pub command: CommandMeta,
    /// The precondition on the thing to change.
    pub if_match: IfMatch,
}

/// The precondition of `If-Match` (RFC 9110, 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// The header was not sent.
    Absent,
    /// `*`: the thing must exist.
    Any,
    /// The thing must be at one of these versions. A weak or foreign tag names no version.
    OneOf(Vec<u64>),
}

impl<T: DeserializeOwned + Default> Write<T> {
    /// Decodes a JSON body; an empty body is an empty object. `what` names the operation and the thing, so that one
    /// key cannot serve two operations.
    pub fn read(actor: &str, what: &str, headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Problem> {
        let value = if bytes.is_empty() {
            json!({})
        } else {
            body::check_content_type(headers)?;
            body::object(body::parse(bytes)?)?
        };
        let command = command(actor, what, headers, &value)?;
        let (request, errors) = body::read(value);
        Ok(Self { request, errors, command, if_match: if_match(headers) })
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

/// The command of a request. Without an `Idempotency-Key` it gets a new id.
pub fn command(actor: &str, what: &str, headers: &HeaderMap, body: &Value) -> Result<CommandMeta, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (keys.next(), keys.next()) {
        (None, _) => command_with_key(actor, what, &new_id().to_string(), body),
        (Some(key), None) => command_with_key(actor, what, key.to_str().unwrap_or_default(), body),
        // With two keys it is unknown which one counts.
        (Some(_), Some(_)) => command_with_key(actor, what, "", body),
    }
}

/// The command of a request with this `Idempotency-Key`.
pub fn command_with_key(actor: &str, what: &str, key: &str, body: &Value) -> Result<CommandMeta, Problem> {
    if key.is_empty() || key.len() > MAX_IDEMPOTENCY_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let mut errors = FieldErrors::outside_body();
        errors.add("Idempotency-Key", "invalid", "must be sent once, with 1 to 128 visible ASCII characters");
        return Err(Problem::validation(errors));
    }
    Ok(CommandMeta {
        id: format!("{actor}:{key}"),
        fingerprint: fingerprint(what, body),
        actor: actor.to_owned(),
        cause: trace::current_traceparent(),
    })
}

/// A digest of the request. Passwords are left out: a fast digest of one could be used to guess it. The handler adds
/// the slow hash instead ([`CommandMeta::asking`]).
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

/// The response to a write: the stored status and body, with the position in the log.
pub fn replied(appended: &AppendResult) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    let mut response = with_position((content_type, appended.answer.text().to_owned()).into_response(), appended);
    if let Ok(Versioned { version: Some(version) }) = appended.answer.read() {
        response.headers_mut().insert(header::ETAG, etag(version));
    }
    response
}

/// The response to a write, with added members that are not stored.
pub fn replied_with(appended: &AppendResult, add: impl FnOnce(&mut Map<String, Value>)) -> Result<Response, Problem> {
    let mut body: Map<String, Value> = appended.answer.read().map_err(|error| Problem::unforeseen(&error))?;
    add(&mut body);
    let version = body.get("version").and_then(Value::as_u64);
    let mut response = with_position(Json(body).into_response(), appended);
    if let Some(version) = version {
        response.headers_mut().insert(header::ETAG, etag(version));
    }
    Ok(response)
}

/// The members of a response for its entity tag.
#[derive(Deserialize)]
struct Versioned {
    version: Option<u64>,
}

/// Adds an append's status and headers to a response.
pub fn with_position(mut response: Response, appended: &AppendResult) -> Response {
    *response.status_mut() = StatusCode::from_u16(appended.answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert("signpost-position", HeaderValue::from(appended.position));
    if appended.replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// A version as an entity tag.
pub fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// Parses `If-Match`, in all its lines.
fn if_match(headers: &HeaderMap) -> IfMatch {
    let lines: Vec<&str> = headers.get_all(header::IF_MATCH).iter().filter_map(|line| line.to_str().ok()).collect();
    if !headers.contains_key(header::IF_MATCH) {
        return IfMatch::Absent;
    }
    if lines.iter().any(|line| line.trim() == "*") {
        return IfMatch::Any;
    }
    IfMatch::OneOf(lines.iter().flat_map(|line| line.split(',')).filter_map(|tag| version(tag.trim())).collect())
}

/// The version in its canonical form.
fn version(tag: &str) -> Option<u64> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    digits.parse().ok().filter(|version: &u64| version.to_string() == digits)
}

/// Whether `If-None-Match` names this tag, or any; weak tags count, which reading allows.
pub(super) fn names(if_none_match: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(line), Ok(tag)) = (if_none_match.to_str(), tag.to_str()) else { return false };
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    line.trim() == "*" || line.split(',').any(|named| strong(named) == strong(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> IfMatch {
        let lines = lines.iter().map(|line| (header::IF_MATCH, HeaderValue::from_static(line)));
        if_match(&lines.collect())
    }

    #[test]
    fn if_match_is_parsed_by_the_standard() {
        assert_eq!(read(&[]), IfMatch::Absent);
        assert_eq!(read(&["*"]), IfMatch::Any);
        assert_eq!(read(&["\"7\""]), IfMatch::OneOf(vec![7]));
        assert_eq!(read(&["\"7\", \"9\"", "\"11\""]), IfMatch::OneOf(vec![7, 9, 11]));
        for nothing in ["\"+1\"", "W/\"1\"", "1", "+1", "\"01\"", "\"x\"", "", "\"1"] {
            assert_eq!(read(&[nothing]), IfMatch::OneOf(Vec::new()), "{nothing}");
        }
    }

    #[test]
    fn if_none_match_names_tags_weak_or_not() {
        let names = |line| names(&HeaderValue::from_static(line), &etag(7));
        assert!(names("\"7\"") && names("W/\"7\"") && names("\"1\", \"7\"") && names("*"));
        assert!(!names("\"70\"") && !names("7") && !names(""));
    }
}
