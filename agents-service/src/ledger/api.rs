use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::IntoResponse;
use contract::clock::Moment;
use contract::money::Currency;
use schemars::JsonSchema;
use serde::Serialize;
use web::http::query::Query;
use web::http::{Api, Holds, Operation, Problem, Write, replied};

use crate::agents;
use crate::endpoint::{AFTER, ApiResult, LIMIT, id, write};
use crate::ledger::corrections::{CorrectionRequest, CorrectionSnapshot};
use crate::ledger::overview::{self, EntryItem, Filter, LedgerTotal};
use crate::ledger::queries::{self, BalanceItem, Ledger, Part};
use crate::paging::Page;
use crate::state::AppState;

/// An agent's balances.
#[derive(Serialize, JsonSchema)]
pub struct AgentBalances {
    /// In each currency that the agent ever had something in.
    items: Vec<BalanceItem>,
}

/// What all agents have.
#[derive(Serialize, JsonSchema)]
pub struct LedgerTotals {
    items: Vec<LedgerTotal>,
}

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let balances = Operation::new(Method::GET, "/api/v1/agents/{id}/balances", "Show an agent's balances");
    let lines =
        Operation::new(Method::GET, "/api/v1/agents/{id}/ledger", "List an agent's ledger in a currency, oldest first");
    let lines = lines.scope("money:read").query(&[
        ("currency", "The currency; the agent's own when absent", Holds::Pattern("^[A-Za-z]{3}$")),
        ("since", "Only lines recorded at this time or later", Holds::Moment),
        ("until", "Only lines recorded before this time", Holds::Moment),
        LIMIT,
        AFTER,
    ]);
    let correcting = write(
        Method::POST,
        "/api/v1/agents/{id}/corrections",
        "Give an agent an amount or take it, for a reason",
        "commission:correct",
    );
    let all = Operation::new(Method::GET, "/api/v1/ledger", "List the ledger over all agents, newest first")
        .scope("money:read")
        .query(&[("kind", "Only corrections and opening balances", Holds::Word(&["correction"])), LIMIT, AFTER]);
    let totals = Operation::new(Method::GET, "/api/v1/ledger/totals", "Show what all agents have, by currency");
    api.on(all.gives::<Page<EntryItem>>(200), list_all)
        .on(totals.scope("money:read").gives::<LedgerTotals>(200), show_totals)
        .on(balances.scope("money:read").gives::<AgentBalances>(200), show_balances)
        .on(lines.gives::<Ledger>(200), ledger)
        .on(correcting.takes::<CorrectionRequest>().gives::<CorrectionSnapshot>(201), correct)
}

async fn show_balances(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    query.finish()?;
    let agent_id = id(&text)?;
    agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let items = queries::balances(app.database(), agent_id, app.clock.now()).await?;
    Ok(Json(AgentBalances { items }).into_response())
}

async fn show_totals(State(app): State<AppState>, query: Query) -> ApiResult {
    query.finish()?;
    Ok(Json(LedgerTotals { items: overview::totals(app.database()).await? }).into_response())
}

async fn list_all(State(app): State<AppState>, mut query: Query) -> ApiResult {
    let page = query.page();
    let corrections = query.one_of("kind", &["correction"]).is_some();
    let after = line_cursor(&mut query, page.after);
    query.finish()?;
    let filter = Filter { corrections, after, limit: page.limit };
    Ok(Json(overview::entries(app.database(), &filter).await?).into_response())
}

/// A cursor that is a line of the ledger.
fn line_cursor(query: &mut Query, after: Option<String>) -> Option<(u64, u64)> {
    let read = after.map(|text| queries::cursor(&text));
    if read == Some(None) {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    read.flatten()
}

async fn ledger(State(app): State<AppState>, Path(text): Path<String>, mut query: Query) -> ApiResult {
    let agent_id = id(&text)?;
    let agent = agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let page = query.page();
    let currency = query.text("currency").map(|text| Currency::known(&text));
    if let Some(Err(error)) = currency {
        query.error("currency", "unknown_value", &error.to_string());
    }
    let after = line_cursor(&mut query, page.after);
    let (since, until) = (moment(&mut query, "since"), moment(&mut query, "until"));
    query.finish()?;
    let currency = currency.and_then(Result::ok).unwrap_or(agent.currency);
    let part = Part { agent_id, currency, since, until, after, limit: page.limit };
    Ok(Json(queries::ledger(app.database(), &part).await?).into_response())
}

async fn correct(State(app): State<AppState>, Path(text): Path<String>, write: Write<CorrectionRequest>) -> ApiResult {
    let command = write.request.correcting(write.errors, id(&text)?)?;
    Ok(replied(&app.append(write.command, command).await?))
}

fn moment(query: &mut Query, name: &str) -> Option<Moment> {
    let read = query.text(name).map(|text| Moment::parse(&text));
    if matches!(read, Some(Err(_))) {
        query.error(name, "invalid", "must be a time such as 2026-01-31T09:30:00Z");
    }
    read.and_then(Result::ok)
}
