use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::IntoResponse;
use contract::clock::Moment;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::{Api, FieldErrors, Operation, Problem, Write};

use crate::commission::preview::{Change, Differences};
use crate::endpoint::ApiResult;
use crate::previews::queries::{MAX_PAYMENTS, Preview, PreviewError};
use crate::previews::requests::PreviewRequest;
use crate::state::AppState;
use crate::{agents, call_plans, settings, signup_keys};

/// What an agent earns by the payments and signups of the period in a currency, and would earn by the other terms.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CommissionDifference")]
pub struct DifferenceItem {
    pub agent_id: Uuid,
    pub currency: String,
    /// On what is left of the payments after refunds, as the ledger has it.
    #[schemars(with = "String")]
    pub commission_now: Decimal,
    #[schemars(with = "String")]
    pub commission_then: Decimal,
    /// Negative where the agent would earn less.
    #[schemars(with = "String")]
    pub difference: Decimal,
    pub payments: u64,
    /// Signups that earn a fixed amount, now or by the other terms.
    pub signups: u64,
}

/// What other terms would change. Nothing is written.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CommissionPreview")]
pub struct PreviewSnapshot {
    pub since: Moment,
    pub until: Moment,
    pub payments: u64,
    /// Most payments of a preview. A period with more is refused, so none is missing here.
    pub max_payments: u64,
    /// By agent and currency.
    pub items: Vec<DifferenceItem>,
}

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let summary = "Show what payments and signups of a period would have earned by other terms";
    let previewing = Operation::new(Method::POST, "/api/v1/commission-rules/preview", summary).scope("money:read");
    api.on(previewing.without_position().takes::<PreviewRequest>().gives::<PreviewSnapshot>(200), preview)
}

async fn preview(State(app): State<AppState>, write: Write<PreviewRequest>) -> ApiResult {
    Ok(Json(show(&app, write.request, write.errors).await?).into_response())
}

/// The preview that a request asks for.
pub async fn show(app: &AppState, request: PreviewRequest, errors: FieldErrors) -> Result<PreviewSnapshot, Problem> {
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let preview = request.check(errors, &zone)?;
    check_that_all_exist(app, &preview.change).await?;
    match preview.fold(app.database(), &zone).await {
        Ok(differences) => Ok(snapshot(&preview, differences)),
        Err(error @ PreviewError::TooMany(what)) => {
            Err(refused("until", &format!("too_many_{what}"), &error.to_string()))
        }
        Err(PreviewError::Sql(error)) => Err(error.into()),
        Err(error @ PreviewError::Money(_)) => Err(Problem::unforeseen(&error)),
    }
}

fn refused(field: &str, code: &str, message: &str) -> Problem {
    let mut errors = FieldErrors::new();
    errors.add(field, code, message);
    Problem::validation(errors)
}

/// A mistyped id is no agent without payments.
async fn check_that_all_exist(app: &AppState, change: &Change) -> Result<(), Problem> {
    let (agent_id, call_plan_id, key) = match change {
        Change::Agent { agent_id, .. } => (Some(*agent_id), None, None),
        Change::CallPlan { call_plan_id, .. } => (None, Some(*call_plan_id), None),
        Change::Grant { agent_id, call_plan_id, .. } => (Some(*agent_id), Some(*call_plan_id), None),
        Change::SignupKey { key, .. } => (None, None, Some(key)),
    };
    let database = app.database();
    if let Some(agent_id) = agent_id
        && agents::queries::get(database, agent_id).await?.is_none()
    {
        return Err(refused("agent_id", "unknown_value", "is not known"));
    }
    if let Some(call_plan_id) = call_plan_id
        && call_plans::queries::get(database, call_plan_id).await?.is_none()
    {
        return Err(refused("call_plan_id", "unknown_value", "is not known"));
    }
    if let Some(key) = key
        && signup_keys::queries::get(database, key).await?.is_none()
    {
        return Err(refused("key", "unknown_value", "is not known"));
    }
    Ok(())
}

fn snapshot(preview: &Preview, differences: Differences) -> PreviewSnapshot {
    let payments = differences.payments();
    let items = differences.0.into_iter().map(|((agent_id, currency), found)| DifferenceItem {
        agent_id,
        currency,
        commission_now: found.now,
        commission_then: found.then,
        difference: found.then - found.now,
        payments: found.payments,
        signups: found.signups,
    });
    let items = items.collect();
    PreviewSnapshot { since: preview.since, until: preview.until, payments, max_payments: MAX_PAYMENTS, items }
}
