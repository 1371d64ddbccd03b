//! The service's log, for consumers without NATS and for the sister service.

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use shared::http::query::Query;
use shared::http::{Api, Operation, Problem, events};

use crate::http::Office;

pub(super) fn routes(api: Api<Office>) -> Api<Office> {
    let operation = Operation::new(
        Method::GET,
        "/api/v1/events",
        "The log as JSON lines; `Accept: text/event-stream` follows it live",
    );
    api.on(operation.scope("events:read").query(events::PARAMETERS), list)
}

async fn list(State(office): State<Office>, query: Query, headers: HeaderMap) -> Result<Response, Problem> {
    events::answer(&office.log, query, &headers).await
}
