use axum::Extension;
use axum::extract::{Path, State};
use axum::http::Method;
use event_store::log::CommandMeta;
use futures::future::BoxFuture;
use schemars::SchemaGenerator;
use web::http::query::Query;
use web::http::{Api, Caller, FieldErrors, Holds, IfMatch, Operation, Problem, Write, replied};

use crate::agents;
use crate::agents::commands::{close, reinstate, suspend};
use crate::agents::fallback::Fallback;
use crate::agents::queries::{Filter, Item};
use crate::agents::requests::AgentRequest;
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::bulk::{Line, write_together};
use crate::command::{Command, Submission};
use crate::endpoint::{AFTER, AT_LEAST, ApiResult, LIMIT, Reason, created, id, sort, with_reason, write};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::state::AppState;

/// The orders of a list of agents.
const ORDERS: &[&str] = &["name", "-name", "login", "-login", "created", "-created"];

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let act = |path, summary| {
        write(Method::POST, path, summary, "agents:write").if_match().takes::<Reason>().gives::<AgentSnapshot>(200)
    };
    let listing = Operation::new(Method::GET, "/api/v1/agents", "List agents").scope("agents:read").query(&[
        ("search", "The beginnings of words of login, name, company, city or e-mail, in any order, or the last digits of the phone number", Holds::Text),
        ("state", "Only agents in this state", Holds::Type(SchemaGenerator::subschema_for::<AgentState>)),
        ("call_plan_id", "Only those who may sell this call plan", Holds::Id),
        ("sort", "The order: the oldest first when absent", Holds::Word(ORDERS)),
        LIMIT,
        COUNT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/agents", "Create an agent", "agents:write")
            .takes::<AgentRequest>()
            .gives::<AgentSnapshot>(201),
        create,
    )
    .on(
        write(Method::POST, "/api/v1/agents:batch", "Create up to 1,000 agents in one commit", "agents:write")
            .takes::<AgentRequest>()
            .gives::<AgentSnapshot>(200)
            .by_line("agent"),
        write_together::<AgentRequest>,
    )
    .on(listing.gives::<Page<Item>>(200), list)
    .on(
        write(Method::PATCH, "/api/v1/agents/{id}", "Change an agent (If-Match)", "agents:write")
            .needs_if_match()
            .takes::<AgentRequest>()
            .gives::<AgentSnapshot>(200),
        change,
    )
    .on(act("/api/v1/agents/{id}/suspend", "Suspend an agent: their keys stop"), with_reason(suspend))
    .on(act("/api/v1/agents/{id}/reinstate", "Reinstate a suspended agent"), with_reason(reinstate))
    .on(act("/api/v1/agents/{id}/close", "Close an agent for good"), with_reason(close))
}

impl Line for AgentRequest {
    const NOUN: &'static str = "agent";

    fn submission<'a>(
        self,
        app: &'a AppState,
        caller: &'a Caller,
        command: &'a CommandMeta,
        errors: FieldErrors,
    ) -> BoxFuture<'a, Result<Submission, Problem>> {
        Box::pin(async move {
            let fallback = Fallback::of_settings(app.database()).await?;
            self.check_gifts(caller, false, &fallback.defaults.permissions)?;
            Ok(self.creation(app, command, errors, fallback).await?.into())
        })
    }
}

async fn create(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    write: Write<AgentRequest>,
) -> ApiResult {
    let fallback = Fallback::of_settings(app.database()).await?;
    write.request.check_gifts(&caller, false, &fallback.defaults.permissions)?;
    let request = write.request.creation(&app, &write.command, write.errors, fallback).await?;
    let appended = app.submit(write.command, request).await?;
    Ok(created(&appended, "agents"))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let (sort, after) = sort(&mut query, ORDERS, page.after);
    let filter = Filter {
        search: query.text("search"),
        state: query.parsed::<AgentState>("state"),
        call_plan_id: query.parsed("call_plan_id"),
        sort,
        after,
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = agents::queries::list(app.database(), &filter).await?;
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, agents::queries::query(app.database(), &whole)).await
}

async fn change(
    State(app): State<AppState>,
    Path(agent_id): Path<String>,
    Extension(caller): Extension<Caller>,
    write: Write<AgentRequest>,
) -> ApiResult {
    write.request.check_gifts(&caller, true, &[])?;
    if write.if_match == IfMatch::Absent {
        return Err(Problem::precondition_required());
    }
    let request = write.request.change(&app, &write.command, write.errors, id(&agent_id)?).await?;
    Ok(replied(&app.submit(write.command, request.expecting(write.if_match)).await?))
}
