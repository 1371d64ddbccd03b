use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Most field errors of a response.
pub const MAX_FIELD_ERRORS: usize = 50;

/// The errors of a request, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    errors: BTreeMap<String, FieldError>,
    is_outside_body: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldError {
    code: String,
    message: String,
    pointer: String,
}

impl FieldErrors {
    /// No errors.
    pub fn new() -> Self {
        Self::default()
    }

    /// No errors, for headers and query parameters, which have no JSON Pointer.
    pub fn outside_body() -> Self {
        Self { is_outside_body: true, ..Self::default() }
    }

    /// Adds an error; the first one of a field counts. `code` is for programs, `message` for people.
    pub fn add(&mut self, field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) {
        let field = field.into();
        let pointer = if field == "body" { String::new() } else { pointer(field.split('.')) };
        self.put(field, pointer, code.into(), message.into());
    }

    /// Adds an error at a place in a body.
    pub(super) fn add_at(&mut self, place: &[String], code: &str, message: String) {
        let field = if place.is_empty() { "body".to_owned() } else { place.join(".") };
        self.put(field, pointer(place.iter().map(String::as_str)), code.to_owned(), message);
    }

    fn put(&mut self, field: String, pointer: String, code: String, message: String) {
        if self.errors.len() < MAX_FIELD_ERRORS {
            self.errors.entry(field).or_insert(FieldError { code, message, pointer });
        }
    }

    /// Whether a field, or a member of it, has an error already.
    pub fn has(&self, field: &str) -> bool {
        let inside = format!("{field}.");
        self.errors.keys().any(|known| known == field || known.starts_with(&inside))
    }

    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Field, code and message of each error.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.errors.iter().map(|(field, error)| (field.as_str(), error.code.as_str(), error.message.as_str()))
    }

    pub(super) fn into_json(self) -> Value {
        let is_outside_body = self.is_outside_body;
        let to_json = |(field, error): (String, FieldError)| {
            let mut json = json!({ "field": field, "code": error.code, "message": error.message });
            if !is_outside_body {
                json["pointer"] = error.pointer.into();
            }
            json
        };
        self.errors.into_iter().map(to_json).collect()
    }
}

/// A JSON Pointer (RFC 6901).
fn pointer<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.fold(String::new(), |pointer, part| pointer + "/" + &part.replace('~', "~0").replace('/', "~1"))
}
