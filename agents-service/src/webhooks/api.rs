use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::query::Query;
use web::http::write::replied_with;
use web::http::{Api, Caller, Operation, Problem, Write, replied};

use crate::command::Command;
use crate::endpoint::{
    AFTER, AT_LEAST, ApiResult, EmptyBody, LIMIT, Reason, id, located, position_cursor, read, wait_only, with_etag,
    with_reason, write,
};
use crate::paging::Page;
use crate::state::AppState;
use crate::webhooks::attempts::{self, Attempt};
use crate::webhooks::commands;
use crate::webhooks::lag::{self, Lag};
use crate::webhooks::queries::{self, WebhookItem};
use crate::webhooks::requests::{ReplayRequest, RotateRequest, SkipRequest, WebhookRequest};
use crate::webhooks::saving::{adding, changing, replaying, rotating, skipping};
use crate::webhooks::snapshot::{RemovedSnapshot, RotatedSnapshot, WebhookSnapshot};
use crate::webhooks::test_event;

/// An endpoint, and how far it is behind its logs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookWithLag")]
struct Shown {
    #[serde(flatten)]
    webhook: WebhookItem,
    /// That of a log which cannot be read now is left out.
    lag: Vec<Lag>,
}

/// What became of a test event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTested")]
struct TestResult {
    /// The id that the event had, as `webhook-id` has it. A repetition of the request has the same.
    event_id: Uuid,
    delivered: bool,
    /// As of an attempt.
    outcome: &'static str,
    status: Option<u16>,
    took_ms: u64,
}

const READ: &str = "webhooks:read";
const WRITE: &str = "webhooks:write";
/// Whoever adds an endpoint gets the events, so no caller adds one who may not read them.
const EVENTS: &str = "events:read";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, "/api/v1/webhooks", "List the endpoints that events are sent to");
    let listing = listing.scope(READ).query(&[LIMIT, AFTER, AT_LEAST]).gives::<Page<WebhookItem>>(200);
    let adding =
        "Send events to an endpoint, from the next one on; needs events:read too. The secret is shown this once";
    let adding = write(Method::POST, "/api/v1/webhooks", adding, WRITE);
    let changing = "Change URL, description, logs or types of an endpoint; needs events:read too";
    let changing = write(Method::PATCH, "/api/v1/webhooks/{id}", changing, WRITE);
    let removing = write(Method::DELETE, "/api/v1/webhooks/{id}", "Remove an endpoint for good", WRITE);
    let attempts = read("/api/v1/webhooks/{id}/attempts", "List the last 100 attempts, newest first", READ);
    let api = api
        .on(listing, list)
        .on(adding.takes::<WebhookRequest>().gives::<WebhookSnapshot>(201), add)
        .on(read("/api/v1/webhooks/{id}", "Show an endpoint and how far it is behind", READ).gives::<Shown>(200), show)
        .on(changing.if_match().takes::<WebhookRequest>().gives::<WebhookSnapshot>(200), change)
        .on(removing.if_match().takes::<Reason>().gives::<RemovedSnapshot>(200), with_reason(commands::remove))
        .on(attempts.query(&[LIMIT, AFTER]).gives::<Page<Attempt>>(200), list_attempts);
    steps(api)
}

fn steps(api: Api<AppState>) -> Api<AppState> {
    let step = |path, summary| write(Method::POST, path, summary, WRITE).if_match();
    let pausing = step("/api/v1/webhooks/{id}/pause", "Send nothing more until the endpoint is resumed");
    let resuming = step("/api/v1/webhooks/{id}/resume", "Go on where sending stopped, at once");
    let rotating =
        "Replace the secret; the old one signs too for 24 hours, or not at all. The new one is shown this once";
    let rotating = step("/api/v1/webhooks/{id}/rotate-secret", rotating);
    let testing = "Send a test event now, and show what became of it";
    let testing = write(Method::POST, "/api/v1/webhooks/{id}/test", testing, WRITE).without_position();
    let replaying =
        step("/api/v1/webhooks/{id}/replay", "Send the events behind a position, also those that were sent");
    let skipping = step("/api/v1/webhooks/{id}/skip", "Leave out the events up to a position, for a reason");
    api.on(pausing.takes::<Reason>().gives::<WebhookSnapshot>(200), with_reason(commands::pause))
        .on(resuming.takes::<Reason>().gives::<WebhookSnapshot>(200), with_reason(commands::resume))
        .on(rotating.named("rotateWebhookSecret").takes::<RotateRequest>().gives::<RotatedSnapshot>(200), rotate)
        .on(testing.gives::<TestResult>(200), test)
        .on(replaying.takes::<ReplayRequest>().gives::<WebhookSnapshot>(200), replay)
        .on(skipping.takes::<SkipRequest>().gives::<WebhookSnapshot>(200), skip)
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(queries::list(app.database(), after, page.limit, app.clock.now()).await?).into_response())
}

async fn add(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    write: Write<WebhookRequest>,
) -> ApiResult {
    let described = write.request.check(write.errors, true, app.outbound.may_be_private())?;
    caller.require(EVENTS)?;
    let (command, secret) = adding(&app, described).await?;
    let appended = app.submit(write.command, command).await?;
    let response = replied_with(&appended, |members| {
        if !appended.replayed {
            members.insert("secret".to_owned(), secret.to_show().into());
        }
    })?;
    Ok(located(response, "webhooks", appended.answer.id()))
}

async fn find(app: &AppState, text: &str) -> Result<WebhookItem, Problem> {
    queries::get(app.database(), id(text)?, app.clock.now()).await?.ok_or_else(Problem::not_found)
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let webhook = find(&app, &text).await?;
    let (version, lag) = (webhook.version, lag::of_all(&app, &webhook.cursors).await);
    Ok(with_etag(Shown { webhook, lag }, version))
}

async fn change(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(text): Path<String>,
    write: Write<WebhookRequest>,
) -> ApiResult {
    let endpoint_id = id(&text)?;
    let described = write.request.check(write.errors, false, app.outbound.may_be_private())?;
    let moves = described.url.is_some() || described.change.logs.is_some() || described.change.types.is_some();
    if moves {
        caller.require(EVENTS)?;
    }
    let command = changing(&app, endpoint_id, described).await?.expecting(write.if_match);
    Ok(replied(&app.submit(write.command, command).await?))
}

async fn rotate(State(app): State<AppState>, Path(text): Path<String>, write: Write<RotateRequest>) -> ApiResult {
    let endpoint_id = id(&text)?;
    write.errors.into_result()?;
    let (command, secret) = rotating(&app, endpoint_id, write.request.end_old_now)?;
    let appended = app.submit(write.command, command.expecting(write.if_match)).await?;
    replied_with(&appended, |members| {
        if !appended.replayed {
            members.insert("secret".to_owned(), secret.to_show().into());
        }
    })
}

async fn test(State(app): State<AppState>, Path(text): Path<String>, write: Write<EmptyBody>) -> ApiResult {
    write.errors.into_result()?;
    let endpoint = find(&app, &text).await?;
    let tested = test_event::send(&app, &endpoint, &write.command.id).await?;
    let outcome = &tested.attempted.outcome;
    let result = TestResult {
        event_id: tested.event_id,
        delivered: outcome.is_delivered(),
        outcome: outcome.word(),
        status: outcome.status(),
        took_ms: tested.attempted.took_ms,
    };
    Ok(Json(result).into_response())
}

async fn replay(State(app): State<AppState>, Path(text): Path<String>, write: Write<ReplayRequest>) -> ApiResult {
    let endpoint_id = id(&text)?;
    let moving = write.request.check(write.errors)?;
    let command = replaying(&app, endpoint_id, moving).await?.expecting(write.if_match);
    Ok(replied(&app.submit(write.command, command).await?))
}

async fn skip(State(app): State<AppState>, Path(text): Path<String>, write: Write<SkipRequest>) -> ApiResult {
    let endpoint_id = id(&text)?;
    let moving = write.request.check(write.errors)?;
    let command = skipping(&app, endpoint_id, moving).await?.expecting(write.if_match);
    Ok(replied(&app.submit(write.command, command).await?))
}

async fn list_attempts(State(app): State<AppState>, Path(text): Path<String>, mut query: Query) -> ApiResult {
    let page = query.page();
    let before = page.after.map(|text| text.parse::<Uuid>());
    if let Some(Err(_)) = before {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    query.finish()?;
    let endpoint = find(&app, &text).await?;
    let found = attempts::newest(app.database(), endpoint.id, before.and_then(Result::ok), page.limit).await?;
    Ok(Json(found).into_response())
}
