//! Call plans usable: grant, withdraw, list.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::query::Query;
use web::http::{Api, Problem, Write, replied};

use super::{EmptyBody, Page, Reason, id, read, wait_only, write};
use crate::commands::{self, agents::Request};
use crate::http::AppState;
use crate::projections::agents;
use crate::projections::grants::{self, Grant};

const ONE: &str = "/api/v1/agents/{id}/call-plans/{plan}";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GrantAnswer")]
struct GrantBody {
    agent_id: Uuid,
    call_plan_id: Uuid,
    granted: bool,
    /// The live keys that a withdrawal stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    keys_stopped: Option<u64>,
}

pub(super) fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = read("/api/v1/agents/{id}/call-plans", "List the call plans that an agent may sell", "agents:read");
    api.on(write(Method::PUT, ONE, "Let an agent sell a call plan", "agents:write").gives::<GrantBody>(200), grant)
        .on(
            write(Method::DELETE, ONE, "Withdraw a call plan: the keys that use it stop", "agents:write")
                .query(&[("reason", "Why, in the operator's own words, without personal data: it is in the event")])
                .gives::<GrantBody>(200),
            withdraw,
        )
        .on(listing.gives::<Page<Grant>>(200), list)
}

async fn grant(
    State(app): State<AppState>,
    Path((agent_id, plan)): Path<(String, String)>,
    write: Write<EmptyBody>,
) -> Result<Response, Problem> {
    write.errors.into_result()?;
    let request = Request::Grant { agent_id: id(&agent_id)?, call_plan_ids: vec![id(&plan)?] };
    let request = commands::Request::Agent(Box::new(request)).expecting(write.if_match);
    Ok(replied(&app.submit(write.command, request).await?))
}

async fn withdraw(
    State(app): State<AppState>,
    Path((agent_id, plan)): Path<(String, String)>,
    mut query: Query,
    write: Write<EmptyBody>,
) -> Result<Response, Problem> {
    let request = Reason { reason: query.text("reason") };
    query.finish()?;
    let reason = request.check(write.errors)?;
    let command = match &reason {
        Some(reason) => write.command.asking(reason),
        None => write.command,
    };
    let (agent_id, call_plan_ids) = (id(&agent_id)?, vec![id(&plan)?]);
    let request = Request::Withdraw { agent_id, call_plan_ids, reason };
    let request = commands::Request::Agent(Box::new(request)).expecting(write.if_match);
    Ok(replied(&app.submit(command, request).await?))
}

async fn list(State(app): State<AppState>, Path(agent_id): Path<String>, query: Query) -> Result<Response, Problem> {
    wait_only(&app, query).await?;
    let agent_id = id(&agent_id)?;
    agents::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let items = grants::list(app.database(), agent_id).await?;
    Ok(Json(Page { items, next: None }).into_response())
}
