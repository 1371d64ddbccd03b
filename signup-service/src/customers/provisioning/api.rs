//! The way of a customer into the operator's systems: who waits, what a system tells, and what the operator decides.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::query::Query;
use web::http::{AFTER, Holds, LIMIT, Parameter, Problem, Write, replied};

use crate::customers::api::path_id;
use crate::customers::provisioning::model::{FailProvisioning, Provision, Step, TakeStep};
use crate::customers::provisioning::queries::{self, Filter, WaitingCustomer};
use crate::customers::provisioning::requests::{ProvisionedBody, ProvisioningFailedBody, StepBody};
use crate::state::AppState;

/// Longest age that can be asked for, in seconds: about thirty years.
const MAX_AGE: i64 = 1_000_000_000;

pub const WAITING_PARAMETERS: &[Parameter] = &[
    (
        "older_than",
        "Only those who signed up at least so many seconds ago; for an alarm",
        Holds::Number { least: 0, most: 1_000_000_000, default: 0 },
    ),
    LIMIT,
    AFTER,
];

/// A page of customers whom no system serves yet, the oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WaitingAnswer {
    pub items: Vec<WaitingCustomer>,
    /// The cursor of the next page; null when this is the last.
    pub next: Option<Uuid>,
}

/// `GET /api/v1/customers/waiting`
pub async fn waiting(State(app): State<AppState>, mut query: Query) -> Result<Json<WaitingAnswer>, Problem> {
    let page = query.page();
    let after = page.after.map(|after| after.parse::<Uuid>());
    if let Some(Err(_)) = after {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    let older_than = query.parsed::<i64>("older_than").unwrap_or(0);
    if !(0..=MAX_AGE).contains(&older_than) {
        query.error("older_than", "invalid", "must be 0 to 1000000000");
    }
    query.finish()?;
    let placed_until = app.clock.now().plus_seconds(-older_than);
    let filter = Filter { placed_until, after: after.and_then(Result::ok), limit: page.limit };
    let (items, next) = queries::waiting(app.database(), &filter).await?;
    Ok(Json(WaitingAnswer { items, next }))
}

/// `POST /api/v1/customers/{id}/provisioned`
pub async fn provisioned(
    State(app): State<AppState>,
    Path(id): Path<String>,
    write: Write<ProvisionedBody>,
) -> Result<Response, Problem> {
    let (system, account) = write.request.check(write.errors)?;
    let provision = Provision { customer_id: path_id(&id)?, system, account };
    Ok(replied(&app.writer.submit(write.command, Arc::new(provision)).await?))
}

/// `POST /api/v1/customers/{id}/provisioning-failed`
pub async fn failed(
    State(app): State<AppState>,
    Path(id): Path<String>,
    write: Write<ProvisioningFailedBody>,
) -> Result<Response, Problem> {
    let (system, reason) = write.request.check(write.errors)?;
    let fail = FailProvisioning { customer_id: path_id(&id)?, system, reason };
    Ok(replied(&app.writer.submit(write.command, Arc::new(fail)).await?))
}

/// `POST /api/v1/customers/{id}/suspend`
pub async fn suspend(state: State<AppState>, id: Path<String>, write: Write<StepBody>) -> Result<Response, Problem> {
    take(state, id, write, Step::Suspend).await
}

/// `POST /api/v1/customers/{id}/reinstate`
pub async fn reinstate(state: State<AppState>, id: Path<String>, write: Write<StepBody>) -> Result<Response, Problem> {
    take(state, id, write, Step::Reinstate).await
}

/// `POST /api/v1/customers/{id}/close`
pub async fn close(state: State<AppState>, id: Path<String>, write: Write<StepBody>) -> Result<Response, Problem> {
    take(state, id, write, Step::Close).await
}

async fn take(
    State(app): State<AppState>,
    Path(id): Path<String>,
    write: Write<StepBody>,
    step: Step,
) -> Result<Response, Problem> {
    let reason = write.request.check(write.errors)?;
    let take = TakeStep { customer_id: path_id(&id)?, step, reason };
    Ok(replied(&app.writer.submit(write.command, Arc::new(take)).await?))
}
