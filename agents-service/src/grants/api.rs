use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::IntoResponse;
use contract::bank::BankAccount;
use contract::clock::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::query::Query;
use web::http::{Api, Holds, Problem, Write, replied};

use crate::agents::accounts::Contact;
use crate::agents::snapshot::AgentSnapshot;
use crate::command::Command;
use crate::endpoint::{ApiResult, EmptyBody, Reason, id, read, wait_only, with_etag, write};
use crate::grants::commands::{GrantCallPlans, GrantChanged, WithdrawCallPlans};
use crate::grants::queries::Grant;
use crate::grants::requests::GrantRequest;
use crate::paging::Page;
use crate::state::AppState;
use crate::{agents, grants};

/// An agent with everything that is known of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentInFull")]
struct Full {
    #[serde(flatten)]
    agent: AgentSnapshot,
    /// Empty where it was erased, like what follows.
    login: String,
    contact: Contact,
    bank_details: String,
    bank_account: Option<BankAccount>,
    /// When the bank account or the bank details were changed last.
    bank_changed_at: Option<Moment>,
    /// The call plans that they may sell.
    call_plans: Vec<Uuid>,
}

const ONE: &str = "/api/v1/agents/{id}/call-plans/{call_plan_id}";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = read("/api/v1/agents/{id}/call-plans", "List the call plans that an agent may sell", "agents:read");
    let granting =
        write(Method::PUT, ONE, "Let an agent sell a call plan, and state its commission terms", "agents:write");
    api.on(granting.named("grantCallPlan").if_match().takes::<GrantRequest>().gives::<GrantChanged>(200), grant)
        .on(
            write(Method::DELETE, ONE, "Withdraw a call plan: the keys that use it stop", "agents:write")
                .query(&[("reason", "Why, in the operator's own words; kept beside the log", Holds::Text)])
                .named("withdrawCallPlan")
                .if_match()
                .gives::<GrantChanged>(200),
            withdraw,
        )
        .on(listing.gives::<Page<Grant>>(200), list)
        .on(read("/api/v1/agents/{id}", "Show an agent", "agents:read").gives::<Full>(200), show)
}

async fn grant(
    State(app): State<AppState>,
    Path((agent_id, plan)): Path<(String, String)>,
    write: Write<GrantRequest>,
) -> ApiResult {
    let (agent_id, call_plan_ids) = (id(&agent_id)?, vec![id(&plan)?]);
    let commission = write.request.check(write.errors)?;
    let grant = GrantCallPlans { agent_id, call_plan_ids, commission };
    Ok(replied(&app.submit(write.command, grant.expecting(write.if_match)).await?))
}

async fn withdraw(
    State(app): State<AppState>,
    Path((agent_id, plan)): Path<(String, String)>,
    mut query: Query,
    write: Write<EmptyBody>,
) -> ApiResult {
    let request = Reason { reason: query.text("reason") };
    query.finish()?;
    let reason = request.check(write.errors)?;
    let command = match &reason {
        Some(reason) => write.command.asking(reason),
        None => write.command,
    };
    let (agent_id, call_plan_ids) = (id(&agent_id)?, vec![id(&plan)?]);
    let withdraw = WithdrawCallPlans { agent_id, call_plan_ids, reason };
    Ok(replied(&app.submit(command, withdraw.expecting(write.if_match)).await?))
}

async fn list(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let agent_id = id(&text)?;
    agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let items = grants::queries::list(app.database(), agent_id).await?;
    Ok(Json(Page { items, next: None, total: None }).into_response())
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let agent_id = id(&text)?;
    let agent = agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let details = agents::accounts::details(app.database(), agent_id).await?.unwrap_or_default();
    let grants = grants::queries::list(app.database(), agent_id).await?;
    let version = agent.version;
    let full = Full {
        agent,
        login: details.login,
        contact: details.contact,
        bank_details: details.bank_details,
        bank_account: details.bank_account,
        bank_changed_at: details.bank_changed_at,
        call_plans: grants.into_iter().map(|grant| grant.id).collect(),
    };
    Ok(with_etag(full, version))
}
