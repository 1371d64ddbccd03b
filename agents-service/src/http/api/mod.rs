//! The JSON API: every route, with its scope and description, in one table.

mod agents;
pub mod api_tokens;
mod call_plans;
mod events;
mod grants;
mod groups;
mod messages;
pub mod operators;
mod sales;
pub mod settings;
mod signup_keys;

use axum::Json;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use event_store::log::AppendResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json_;
use web::http::query::Query;
use web::http::write::{etag, replied};
use web::http::{Api, FieldErrors, Operation, Problem};

use super::fields::{Fields, SHORT};
use super::pages::assets;
use super::{AppState, back_office, id, portal};
use crate::paging::Page;

const AT_LEAST: (&str, &str) = (
    "at_least",
    "Wait until this position is shown, such as agents:120; 503 when it takes too long, 422 beyond the log's end",
);
const LIMIT: (&str, &str) = ("limit", "Most items, 1 to 200; 50 when absent");
const AFTER: (&str, &str) = ("after", "The `next` of the page before");

/// The route table.
pub fn table(app: AppState, service_token: Option<String>) -> Api<AppState> {
    let api = Api::new(app, service_token);
    let api = agents::routes(api);
    let api = grants::routes(api);
    let api = call_plans::routes(api);
    let api = groups::routes(api);
    let api = signup_keys::routes(api);
    let api = settings::routes(api);
    let api = operators::routes(api);
    let api = api_tokens::routes(api);
    let api = sales::routes(api);
    let api = messages::routes(api);
    events::routes(api)
}

/// The whole face of the service: the API with the description of itself, and the pages.
pub fn face(app: AppState, service_token: Option<String>) -> Api<AppState> {
    let api = table(app, service_token);
    let document = description(&api);
    let api = api.page(Method::GET, "/api/openapi.json", || async { Json(document) });
    let api = api.page(Method::GET, "/assets/{name}", assets::asset);
    portal::routes(back_office::routes(api))
}

/// The OpenAPI document.
pub fn description(api: &Api<AppState>) -> Json_ {
    api.document("Signpost agents service")
}

/// A body that is empty.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct EmptyBody {}

/// Why something is done; the operator's own words, without personal data, for they are in the event.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Reason {
    reason: Option<String>,
}

impl Reason {
    fn check(self, errors: FieldErrors) -> Result<Option<String>, Problem> {
        let mut fields = Fields::new(errors);
        let reason = fields.text("reason", self.reason, SHORT);
        fields.finish()?;
        Ok(reason)
    }
}

/// Takes `at_least` out of a query string that may have nothing else, and waits for it.
async fn wait_only(app: &AppState, mut query: Query) -> Result<(), Problem> {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    query.finish()
}

/// A cursor that is a position.
fn position_cursor(query: &mut Query, after: Option<String>) -> Option<u64> {
    let parsed = after.map(|text| text.parse().map_err(|_| ()));
    if parsed == Some(Err(())) {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    parsed.and_then(Result::ok)
}

/// A thing with its version as its entity tag.
fn with_etag(body: impl Serialize, version: u64) -> Response {
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::ETAG, etag(version));
    response
}

/// The answer to a creation: also where the new thing is.
fn created(appended: &AppendResult, folder: &str) -> Response {
    located(replied(appended), folder, appended.answer.id())
}

fn located(mut response: Response, folder: &str, id: &str) -> Response {
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/{folder}/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A GET that shows one thing.
fn read(path: &'static str, summary: &'static str, scope: &'static str) -> Operation {
    Operation::new(Method::GET, path, summary).scope(scope).query(&[AT_LEAST])
}

/// A write.
fn write(method: Method, path: &'static str, summary: &'static str, scope: &'static str) -> Operation {
    Operation::new(method, path, summary).scope(scope)
}
