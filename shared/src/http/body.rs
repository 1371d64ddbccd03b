//! JSON bodies, read so that a client learns of every wrong field at once. Nothing of what was sent is repeated in an
//! error: it may be personal.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use super::problem::Problem;

/// Most field errors that are gathered.
pub const MAX_FIELD_ERRORS: usize = 50;
/// Most bytes of a body over the limit that are taken in and thrown away.
pub const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;
/// Longest time for that.
pub const MAX_DISCARD_TIME: Duration = Duration::from_secs(5);

/// What is wrong with a request, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(BTreeMap<String, (String, String)>);

impl FieldErrors {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a field is wrong; the first reason for a field stays. `code` is for programs, `message` for people.
    pub fn add(&mut self, field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < MAX_FIELD_ERRORS {
            self.0.entry(field.into()).or_insert_with(|| (code.into(), message.into()));
        }
    }

    /// Whether a field, or something in it, is wrong already.
    pub fn has(&self, field: &str) -> bool {
        let inside = format!("{field}.");
        self.0.keys().any(|known| known == field || known.starts_with(&inside))
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Field, code and message of each error.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.iter().map(|(field, (code, message))| (field.as_str(), code.as_str(), message.as_str()))
    }

    /// A problem when anything is wrong.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.is_empty() { Ok(()) } else { Err(Problem::validation(self)) }
    }

    pub(super) fn into_json(self) -> Value {
        let errors = self.0.into_iter();
        errors.map(|(field, (code, message))| json!({ "field": field, "code": code, "message": message })).collect()
    }
}

/// The bytes of a body, within the limit that the route has.
#[derive(Clone, Debug)]
pub struct Payload(pub Bytes);

impl<S: Sync> FromRequest<S> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let mut arriving = request.into_body().into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = arriving.next().await {
            let chunk = chunk.map_err(|_| {
                let detail = "The body did not arrive whole.";
                Problem::new(StatusCode::BAD_REQUEST, "body-incomplete", "Body incomplete", detail)
            })?;
            if bytes.len() + chunk.len() > super::MAX_BODY_BYTES {
                discard(arriving, chunk.len()).await;
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Self(bytes.into()))
    }
}

/// Takes in the rest of a body that is too large, within limits: a client that still sends would not see the answer.
async fn discard(mut arriving: BodyDataStream, taken: usize) {
    let rest = async {
        let mut taken = taken;
        while let Some(Ok(chunk)) = arriving.next().await {
            taken += chunk.len();
            if taken > MAX_DISCARDED_BYTES {
                break;
            }
        }
    };
    // Whoever sends more, or too slowly, may miss the answer.
    let _ = tokio::time::timeout(MAX_DISCARD_TIME, rest).await;
}

/// The problem of a body over the limit.
pub fn too_large() -> Problem {
    let detail = format!("The body may have {} bytes.", super::MAX_BODY_BYTES);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "Body too large", detail)
}

/// Refuses a body that does not say that it is JSON.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    let detail = "Send the body as JSON, with Content-Type: application/json.";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Not JSON", detail))
}

/// Reads bytes as any JSON value.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-utf8", "Not UTF-8", "The body is not valid UTF-8 text.")
    })?;
    serde_json::from_str(text).map_err(|error| {
        let detail = format!("The body is not valid JSON: line {}, column {}.", error.line(), error.column());
        Problem::new(StatusCode::BAD_REQUEST, "malformed-json", "Not valid JSON", detail)
    })
}

/// Reads a value as a request whose fields are all optional; each field that does not read is noted and left out, so
/// that the rest can be checked too.
pub fn read<T: DeserializeOwned + Default>(mut value: Value) -> (T, FieldErrors) {
    let mut errors = FieldErrors::new();
    // Most requests have no error, and then no path to one is needed.
    if let Ok(request) = T::deserialize(&value) {
        return (request, errors);
    }
    for _ in 0..MAX_FIELD_ERRORS {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(request) => return (request, errors),
            Err(error) => error,
        };
        let path: Vec<Segment> = error.path().iter().cloned().collect();
        let (code, message) = explain(&error.inner().to_string());
        errors.add(dotted(&path), code, message);
        if !remove(&mut value, &path) {
            break;
        }
    }
    (T::default(), errors)
}

fn dotted(path: &[Segment]) -> String {
    let parts = path.iter().map(|segment| match segment {
        Segment::Seq { index } => index.to_string(),
        Segment::Map { key } => key.clone(),
        Segment::Enum { variant } => variant.clone(),
        Segment::Unknown => "?".to_owned(),
    });
    let field = parts.collect::<Vec<_>>().join(".");
    if field.is_empty() { "body".to_owned() } else { field }
}

/// Says in our own words what serde says; only those parts of its text are used that hold nothing of the input.
fn explain(text: &str) -> (&'static str, String) {
    if text.starts_with("unknown field") {
        return ("unknown_field", "is not a known field".to_owned());
    }
    if let Some(rest) = text.strip_prefix("unknown variant") {
        let known = rest.split_once("expected ").map_or("a known word", |(_, known)| known);
        return ("unknown_value", format!("must be {known}"));
    }
    if text.starts_with("invalid type") || text.starts_with("invalid length") {
        let expected = text.rsplit_once("expected ").map_or("another type", |(_, expected)| expected);
        return ("wrong_type", format!("must be {expected}"));
    }
    if text.starts_with("must ") || text.starts_with("not a ") || text.starts_with("is larger") {
        return ("invalid", text.to_owned());
    }
    ("invalid", "is not valid".to_owned())
}

fn remove(value: &mut Value, path: &[Segment]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let mut parent = value;
    for segment in parents {
        let child = match segment {
            Segment::Map { key } => parent.get_mut(key.as_str()),
            Segment::Seq { index } => parent.get_mut(*index),
            Segment::Enum { .. } | Segment::Unknown => return false,
        };
        let Some(child) = child else { return false };
        parent = child;
    }
    match (last, parent) {
        (Segment::Map { key }, Value::Object(members)) => members.remove(key.as_str()).is_some(),
        (Segment::Seq { index }, Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Request {
        login: Option<String>,
        cap: Option<u64>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        city: Option<String>,
    }

    #[test]
    fn every_wrong_field_is_named_and_the_right_ones_are_read() {
        let value = json!({ "login": "anna", "cap": "three", "colour": 1, "inner": { "city": 5, "x": null } });
        let (request, errors) = read::<Request>(value);
        assert_eq!(request.login.as_deref(), Some("anna"));
        let fields: Vec<_> = errors.iter().map(|(field, code, _)| (field, code)).collect();
        assert_eq!(
            fields,
            [
                ("cap", "wrong_type"),
                ("colour", "unknown_field"),
                ("inner.city", "wrong_type"),
                ("inner.x", "unknown_field")
            ]
        );
    }

    #[test]
    fn nothing_that_was_sent_is_repeated() {
        let (_, errors) = read::<Request>(json!({ "cap": "secret" }));
        assert!(errors.iter().all(|(_, _, message)| !message.contains("secret")));
    }
}
