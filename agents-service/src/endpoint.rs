//! What the JSON endpoints of all nouns share: query parameters, bodies, response headers.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use event_store::log::AppendResult;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::http::query::Query;
use web::http::write::{etag, replied};
pub use web::http::{AFTER, LIMIT};
use web::http::{FieldErrors, Holds, Operation, Parameter, Problem, Write};

use crate::command::Command;
use crate::fields::{Fields, SHORT};
use crate::paging::Order;
use crate::sorting::Sort;
use crate::state::AppState;

pub const AT_LEAST: Parameter = (
    "at_least",
    "Wait until this position is shown, such as agents:120; 503 when it takes too long, 422 beyond the log's end",
    Holds::Pattern("^(agents:)?[0-9]+$"),
);
/// The orders of a list by position.
const ORDERS: &[&str] = &["created", "-created"];
pub const SORT: Parameter = ("sort", "The order: the oldest first when absent", Holds::Word(ORDERS));
pub const NEWEST_FIRST: Parameter = ("sort", "The order: the newest first when absent", Holds::Word(ORDERS));
/// The orders of a list by position or name.
pub const ORDERS_OR_NAME: &[&str] = &["created", "-created", "name", "-name"];
pub const SORT_OR_NAME: Parameter = ("sort", "The order: the oldest first when absent", Holds::Word(ORDERS_OR_NAME));

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmptyBody {}

/// Why something is done, in the operator's own words. They are kept beside the log; the event says only that there are some.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reason {
    pub reason: Option<String>,
}

impl Reason {
    pub fn check(self, errors: FieldErrors) -> Result<Option<String>, Problem> {
        let mut fields = Fields::new(errors);
        let reason = fields.text("reason", self.reason, SHORT);
        fields.finish()?;
        Ok(reason)
    }
}

/// Takes `at_least` out of a query string without other parameters, and waits for it.
pub async fn wait_only(app: &AppState, mut query: Query) -> Result<(), Problem> {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    query.finish()
}

/// A cursor that is a position.
pub fn position_cursor(query: &mut Query, after: Option<String>) -> Option<u64> {
    let parsed = after.map(|text| text.parse().map_err(|_| ()));
    if parsed == Some(Err(())) {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    parsed.and_then(Result::ok)
}

/// The order of a list by position.
pub fn order(query: &mut Query) -> Order {
    match query.one_of("sort", ORDERS) {
        Some("-created") => Order::Descending,
        _ => Order::Ascending,
    }
}

/// The order of a list by position that has the newest first where no other is asked for.
pub fn newest_first(query: &mut Query) -> Order {
    match query.one_of("sort", ORDERS) {
        Some("created") => Order::Ascending,
        _ => Order::Descending,
    }
}

/// The order of a list by one of these words, and the cursor in it.
pub fn sort(query: &mut Query, words: &[&'static str], after: Option<String>) -> (Sort, Option<String>) {
    let sort = query.one_of("sort", words).and_then(Sort::named).unwrap_or_default();
    if after.as_deref().is_some_and(|cursor| !sort.knows(cursor)) {
        query.error("after", "invalid", "is not the `next` of a page in this order");
    }
    (sort, after)
}

/// A response with the version as its entity tag.
pub fn with_etag(body: impl Serialize, version: u64) -> Response {
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::ETAG, etag(version));
    response
}

/// The response to a creation, with the location of the new thing.
pub fn created(appended: &AppendResult, folder: &str) -> Response {
    located(replied(appended), folder, appended.answer.id())
}

pub fn located(mut response: Response, folder: &str, id: &str) -> Response {
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/{folder}/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

pub type ApiResult = Result<Response, Problem>;

pub type ApiFuture = BoxFuture<'static, ApiResult>;

/// The handler of a route that does one thing with the thing in its path, for a reason.
pub fn with_reason<C: Command>(
    command: fn(Uuid, Option<String>) -> C,
) -> impl Fn(State<AppState>, Path<String>, Write<Reason>) -> ApiFuture + Clone {
    move |State(app), Path(text), write| {
        Box::pin(async move {
            let command = command(id(&text)?, write.request.check(write.errors)?);
            Ok(replied(&app.submit(write.command, command.expecting(write.if_match)).await?))
        })
    }
}

/// The operation of a GET that shows one thing.
pub fn read(path: &'static str, summary: &'static str, scope: &'static str) -> Operation {
    Operation::new(Method::GET, path, summary).scope(scope).query(&[AT_LEAST])
}

/// The operation of a write.
pub fn write(method: Method, path: &'static str, summary: &'static str, scope: &'static str) -> Operation {
    Operation::new(method, path, summary).scope(scope)
}

/// A text in a path.
pub fn path_segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The id in a path; a malformed id is "not found".
pub fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
