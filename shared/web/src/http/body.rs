//! JSON bodies, decoded so that a client gets all wrong fields in one response. Errors never repeat a sent value,
//! which may be personal.

use std::time::Duration;

use axum::body::{BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::field_errors::{FieldErrors, MAX_FIELD_ERRORS};
use super::json::{self, JsonError};
use super::limits::MAX_BODY_BYTES;
use super::problem::Problem;
use super::reader::{Reader, Step};

/// Most bytes that are read and dropped of a body over the limit.
pub const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;
/// Longest time for that.
pub const MAX_DISCARD_TIME: Duration = Duration::from_secs(5);

/// The bytes of a body, within the route's limit.
#[derive(Clone, Debug)]
pub struct Payload(pub Bytes);

impl<S: Sync> FromRequest<S> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Self::read(request, MAX_BODY_BYTES).await
    }
}

impl Payload {
    /// Reads a body within a limit of its own.
    pub async fn read(request: Request, most: usize) -> Result<Self, Problem> {
        let mut arriving = request.into_body().into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = arriving.next().await {
            let chunk = chunk.map_err(|_| {
                let detail = "The body did not arrive whole.";
                Problem::new(StatusCode::BAD_REQUEST, "body-incomplete", "Body incomplete", detail)
            })?;
            if bytes.len() + chunk.len() > most {
                discard(arriving, chunk.len()).await;
                return Err(larger_than(most));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Self(bytes.into()))
    }
}

/// Reads and drops the rest of a body that is too large, within limits: a client that still sends would not see the
/// response.
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
    // A client that sends more, or too slowly, may miss the response.
    let _ = tokio::time::timeout(MAX_DISCARD_TIME, rest).await;
}

/// The problem of a body over the limit.
pub fn too_large() -> Problem {
    larger_than(MAX_BODY_BYTES)
}

fn larger_than(most: usize) -> Problem {
    let detail = format!("The body may have {most} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "Body too large", detail)
}

/// Refuses a body whose content type is not JSON.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    Err(unsupported("Send the body as JSON, with Content-Type: application/json."))
}

/// The problem of a body of another content type.
pub fn unsupported(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Not JSON", detail)
}

/// Parses bytes as any JSON value.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-utf8", "Not UTF-8", "The body is not valid UTF-8 text.")
    })?;
    json::parse(text).map_err(|error| match error {
        JsonError::Twice { .. } => {
            let detail = format!("The body is ambiguous: {error}.");
            Problem::new(StatusCode::BAD_REQUEST, "duplicate-member", "Duplicate member", detail)
        }
        JsonError::Malformed { .. } => {
            let detail = format!("The body is not valid JSON: {error}.");
            Problem::new(StatusCode::BAD_REQUEST, "malformed-json", "Not valid JSON", detail)
        }
    })
}

/// The value, if it is an object.
pub fn object(value: Value) -> Result<Value, Problem> {
    if value.is_object() {
        return Ok(value);
    }
    let mut errors = FieldErrors::new();
    errors.add("body", "wrong_type", "must be an object");
    Err(Problem::validation(errors))
}

/// Decodes a value as a request whose fields are all optional; each malformed field is reported and left out, so that
/// the others can be checked too.
pub fn read<T: DeserializeOwned + Default>(mut value: Value) -> (T, FieldErrors) {
    let (mut errors, mut removed) = (FieldErrors::new(), Removed::default());
    for _ in 0..MAX_FIELD_ERRORS {
        let misread = match T::deserialize(Reader(&value)) {
            Ok(request) => return (request, errors),
            Err(misread) => misread,
        };
        let mut path = misread.path();
        errors.add_at(&removed.place(&path), misread.code, misread.message);
        // A missing member cannot be removed, so its parent is.
        while !remove(&mut value, &path) {
            if path.pop().is_none() {
                return (T::default(), errors);
            }
        }
        removed.note(&path);
    }
    (T::default(), errors)
}

/// Removed items of lists, which shift the items after them.
#[derive(Default)]
struct Removed(Vec<(Vec<String>, usize)>);

impl Removed {
    /// The place in the body as it was sent.
    fn place(&self, path: &[Step]) -> Vec<String> {
        let mut place = Vec::new();
        for step in path {
            let part = match step {
                Step::Member(name) => name.clone(),
                Step::Item(index) => {
                    let mut gone: Vec<usize> =
                        self.0.iter().filter(|(list, _)| *list == place).map(|(_, index)| *index).collect();
                    gone.sort_unstable();
                    gone.into_iter()
                        .fold(*index, |index, gone| if gone <= index { index + 1 } else { index })
                        .to_string()
                }
            };
            place.push(part);
        }
        place
    }

    fn note(&mut self, path: &[Step]) {
        if let Some(Step::Item(_)) = path.last() {
            let mut place = self.place(path);
            let index = place.pop().and_then(|index| index.parse().ok());
            self.0.extend(index.map(|index| (place, index)));
        }
    }
}

fn remove(value: &mut Value, path: &[Step]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let mut parent = value;
    for step in parents {
        let child = match step {
            Step::Member(name) => parent.get_mut(name.as_str()),
            Step::Item(index) => parent.get_mut(*index),
        };
        let Some(child) = child else { return false };
        parent = child;
    }
    match (last, parent) {
        (Step::Member(name), Value::Object(members)) => members.remove(name.as_str()).is_some(),
        (Step::Item(index), Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Request {
        login: Option<String>,
        cap: Option<u64>,
        inner: Option<Inner>,
        ids: Option<Vec<Uuid>>,
        pair: Option<Pair>,
        kinds: Option<std::collections::BTreeMap<Kind, bool>>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Pair {
        amount: String,
        currency: String,
    }

    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        City,
        State,
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

    fn errors(body: Value) -> Vec<(String, String, String)> {
        let errors = read::<Request>(body).1.into_json();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        let errors = errors.as_array().unwrap().iter();
        errors.map(|error| (text(error, "pointer"), text(error, "code"), text(error, "message"))).collect()
    }

    #[test]
    fn a_list_is_no_object() {
        let wrong = |pointer: &str| (pointer.to_owned(), "wrong_type".to_owned(), "must be an object".to_owned());
        assert_eq!(errors(json!({ "inner": ["ACME"] })), [wrong("/inner")]);
        assert_eq!(errors(json!(["anna"])), [wrong("")]);
    }

    #[test]
    fn every_wrong_item_is_named_by_its_place_in_what_was_sent() {
        let id = Uuid::nil();
        let pointers: Vec<_> =
            errors(json!({ "ids": [1, id, "x", id, id, 5] })).into_iter().map(|error| error.0).collect();
        assert_eq!(pointers, ["/ids/0", "/ids/2", "/ids/5"]);
    }

    #[test]
    fn a_missing_or_misnamed_setting_hides_no_other_error() {
        let pointers =
            errors(json!({ "pair": { "amount": "1" }, "kinds": { "city": true, "colour": true }, "a/b": 1 }));
        let pointers: Vec<_> = pointers.into_iter().map(|error| (error.0, error.1)).collect();
        let expected = [("/a~1b", "unknown_field"), ("/kinds/colour", "unknown_value"), ("/pair/currency", "required")];
        assert_eq!(pointers, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }

    #[test]
    fn a_message_is_a_sentence_without_the_words_of_a_programming_language() {
        let errors = errors(json!({ "login": 1, "cap": -1, "inner": "x", "ids": {}, "kinds": [] }));
        let messages: Vec<_> = errors.iter().map(|error| error.2.as_str()).collect();
        let number = "must be a whole number from 0 to 18446744073709551615";
        assert_eq!(messages, [number, "must be a list", "must be an object", "must be an object", "must be a text"]);
    }
}
