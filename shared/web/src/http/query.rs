//! Query parameters: paging, filters, and the wait for a projection.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use super::field_errors::FieldErrors;
use super::problem::Problem;
use event_store::log::Log;
use event_store::projections::{Checkpoint, TooFarBehind};

/// Items of a page by default.
pub const DEFAULT_LIMIT: usize = 50;
/// Most items of a page.
pub const MAX_LIMIT: usize = 200;
/// Longest wait for a projection to catch up.
pub const AT_LEAST_WAIT: Duration = Duration::from_secs(5);

/// A page of a list: how many items, after which cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Most items.
    pub limit: usize,
    /// The cursor of the previous page.
    pub after: Option<String>,
}

fn pairs(uri: &Uri) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
}

/// The parameters of a query string. Handlers take them one by one; the remaining ones are errors.
#[derive(Debug)]
pub struct Query {
    parameters: BTreeMap<String, String>,
    uri: Uri,
    errors: FieldErrors,
}

/// The address of a request, for links to its other pages.
#[derive(Clone, Debug)]
pub struct Address(Uri);

impl Address {
    /// The same address with another value of a parameter.
    pub fn with(&self, name: &str, value: &str) -> String {
        let kept = pairs(&self.0).filter(|(known, _)| known != name);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept).append_pair(name, value);
        format!("{}?{}", self.0.path(), query.finish())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let uri = parts.uri.clone();
        let mut query = Self { parameters: BTreeMap::new(), uri, errors: FieldErrors::outside_body() };
        for (name, value) in pairs(&parts.uri) {
            if query.parameters.contains_key(&*name) {
                query.errors.add(name, "duplicate", "is given more than once");
            } else {
                query.parameters.insert(name.into_owned(), value.into_owned());
            }
        }
        Ok(query)
    }
}

impl Query {
    /// The request's address, with all parameters.
    pub fn address(&self) -> Address {
        Address(self.uri.clone())
    }

    /// A parameter as text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name).filter(|value| !value.is_empty())
    }

    /// A parsed parameter.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.errors.add(name, "invalid", "is not valid");
        }
        parsed
    }

    /// A parameter with one of these values.
    pub fn one_of(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name)?;
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            self.errors.add(name, "unknown_value", format!("must be one of {}", words.join(", ")));
        }
        found
    }

    /// `limit` and `after`.
    pub fn page(&mut self) -> Page {
        let limit = self.parsed::<usize>("limit");
        if limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT) {
            self.errors.add("limit", "out_of_range", format!("must be 1 to {MAX_LIMIT}"));
        }
        Page { limit: limit.unwrap_or(DEFAULT_LIMIT), after: self.text("after") }
    }

    /// `at_least`: waits until the projection of a log, `agents` or `signups`, holds that position. The owner of the
    /// log does not wait for a position beyond its end.
    pub async fn at_least(&mut self, log: &str, view: &Checkpoint, owned: Option<&Log>) -> Result<(), Problem> {
        let Some(position) = self.position("at_least", log) else { return Ok(()) };
        if let Some(owned) = owned
            && view.has_seen() < position
        {
            let head = owned.head().await?.position;
            if position > head {
                self.errors.add(
                    "at_least",
                    "beyond_head",
                    format!("must not be beyond the log's end, which is {head}"),
                );
                return Ok(());
            }
        }
        wait_for(view, position, AT_LEAST_WAIT).await
    }

    /// A position in a log: its name, a colon and digits, or the digits alone.
    pub fn position(&mut self, name: &str, log: &str) -> Option<u64> {
        let text = self.text(name)?;
        let position = position_in(log, &text);
        if position.is_none() {
            self.errors.add(name, "invalid", format!("must be a position, such as {log}:120"));
        }
        position
    }

    /// Adds an error.
    pub fn error(&mut self, name: &str, code: &str, message: &str) {
        self.errors.add(name, code, message);
    }

    /// Fails if a parameter is wrong or unknown.
    pub fn finish(mut self) -> Result<(), Problem> {
        for name in self.parameters.keys() {
            self.errors.add(name.as_str(), "unknown_field", "is not a known parameter");
        }
        self.errors.into_result()
    }
}

/// The position in this log that a text names.
pub fn position_in(log: &str, text: &str) -> Option<u64> {
    let digits = text.strip_prefix(log).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Waits until a projection holds `position`; the problem after the time limit has a `Retry-After`.
pub async fn wait_for(checkpoint: &Checkpoint, position: u64, limit: Duration) -> Result<(), Problem> {
    checkpoint.wait_for(position, limit).await.map_err(|error| match error {
        TooFarBehind::Behind { .. } => Problem::unavailable(),
        TooFarBehind::Sql(error) => error.into(),
    })
}
