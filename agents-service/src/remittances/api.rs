use std::future::ready;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::IntoResponse;
use schemars::SchemaGenerator;
use web::http::query::Query;
use web::http::{Api, Holds, Operation, Problem, Write, replied};

use crate::command::Command;
use crate::endpoint::{
    AFTER, ApiFuture, ApiResult, EmptyBody, LIMIT, NEWEST_FIRST, created, id, newest_first, position_cursor, with_etag,
    write,
};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::remittances::approvals::{self, Approvals, ApprovalsRequest};
use crate::remittances::commands::{ApproveRemittance, EndRemittance};
use crate::remittances::model::RemittanceCommand;
use crate::remittances::queries::{self, Filter, RemittanceItem};
use crate::remittances::requests::{PayoutRequest, ReasonRequest, RemittanceRequest};
use crate::remittances::snapshot::{RemittanceSnapshot, State as RemittanceState};
use crate::state::AppState;

const PATH: &str = "/api/v1/remittances";
const APPROVE: &str = "remittances:approve";
const REQUEST: &str = "remittances:request";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let step =
        |path, summary, scope| write(Method::POST, path, summary, scope).if_match().gives::<RemittanceSnapshot>(200);
    let listing = Operation::new(Method::GET, PATH, "List remittances, newest first").scope("money:read").query(&[
        ("agent_id", "Only those of this agent", Holds::Id),
        ("state", "Only those in this state", Holds::Type(SchemaGenerator::subschema_for::<RemittanceState>)),
        NEWEST_FIRST,
        LIMIT,
        COUNT,
        AFTER,
    ]);
    let showing = Operation::new(Method::GET, "/api/v1/remittances/{id}", "Show a remittance").scope("money:read");
    let requesting = write(Method::POST, PATH, "Ask for a payout for an agent", REQUEST);
    let refuse = step("/api/v1/remittances/{id}/refuse", "Refuse a request: the amount is free again", APPROVE);
    let give_back = step(
        "/api/v1/remittances/{id}/return",
        "Record that a payout came back: the amount is free again",
        "remittances:pay",
    );
    let cancel = step("/api/v1/remittances/{id}/cancel", "Cancel a request: the amount is free again", REQUEST);
    let pay = step("/api/v1/remittances/{id}/pay", "Record that an approved remittance was paid", "remittances:pay");
    let approve = step("/api/v1/remittances/{id}/approve", "Approve a request", APPROVE);
    let approve_many =
        write(Method::POST, "/api/v1/remittances:approve", "Approve many requests, with an answer for each", APPROVE);
    api.on(requesting.takes::<RemittanceRequest>().gives::<RemittanceSnapshot>(201), request)
        .on(listing.gives::<Page<RemittanceItem>>(200), list)
        .on(showing.gives::<RemittanceItem>(200), show)
        .on(approve.takes::<EmptyBody>(), approved)
        .on(approve_many.without_position().takes::<ApprovalsRequest>().gives::<Approvals>(200), approved_many)
        .on(refuse.takes::<ReasonRequest>(), with_reason(|reason| RemittanceCommand::Refuse { reason }))
        .on(cancel.takes::<EmptyBody>(), cancelled)
        .on(pay.takes::<PayoutRequest>(), paid)
        .on(give_back.takes::<ReasonRequest>(), with_reason(|reason| RemittanceCommand::Return { reason }))
}

async fn request(State(app): State<AppState>, write: Write<RemittanceRequest>) -> ApiResult {
    let command = write.request.requesting(write.errors)?;
    Ok(created(&app.append(write.command, command).await?, "remittances"))
}

/// The remittance in a path.
async fn found(app: &AppState, text: &str) -> Result<RemittanceItem, Problem> {
    queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

async fn approved(State(app): State<AppState>, Path(text): Path<String>, write: Write<EmptyBody>) -> ApiResult {
    write.errors.into_result()?;
    let subject = found(&app, &text).await?.subject();
    let command = ApproveRemittance { subject, actor: write.command.actor.clone() };
    Ok(replied(&app.append(write.command, command.expecting(write.if_match)).await?))
}

async fn approved_many(State(app): State<AppState>, write: Write<ApprovalsRequest>) -> ApiResult {
    let ids = write.request.check(write.errors)?;
    Ok(Json(approvals::approve(&app, &write.command, ids).await).into_response())
}

async fn cancelled(State(app): State<AppState>, Path(text): Path<String>, write: Write<EmptyBody>) -> ApiResult {
    write.errors.into_result()?;
    let command = EndRemittance { remittance_id: id(&text)?, command: RemittanceCommand::Cancel };
    Ok(replied(&app.append(write.command, command.expecting(write.if_match)).await?))
}

async fn paid(State(app): State<AppState>, Path(text): Path<String>, write: Write<PayoutRequest>) -> ApiResult {
    let subject = found(&app, &text).await?.subject();
    let command = write.request.paying(write.errors, subject, write.command.actor.clone())?;
    Ok(replied(&app.append(write.command, command.expecting(write.if_match)).await?))
}

fn with_reason(
    command: fn(String) -> RemittanceCommand,
) -> impl Fn(State<AppState>, Path<String>, Write<ReasonRequest>) -> ApiFuture + Clone {
    move |State(app), Path(text), write| {
        Box::pin(async move {
            let command = command(write.request.check(write.errors)?);
            let command = EndRemittance { remittance_id: id(&text)?, command };
            Ok(replied(&app.append(write.command, command.expecting(write.if_match)).await?))
        })
    }
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    query.finish()?;
    let item = found(&app, &text).await?;
    let version = item.version;
    Ok(with_etag(item, version))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    let page = query.page();
    let filter = Filter {
        agent_id: query.parsed("agent_id"),
        state: query.parsed::<RemittanceState>("state"),
        order: newest_first(&mut query),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = queries::list(app.database(), &filter).await?;
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, ready(Ok(whole.query()))).await
}
