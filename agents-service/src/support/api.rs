use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::IntoResponse;
use uuid::Uuid;
use web::http::query::Query;
use web::http::{Api, Operation, Problem, Write, replied};

use crate::endpoint::{AFTER, AT_LEAST, ApiResult, LIMIT, Reason, id, write};
use crate::paging::Page;
use crate::state::AppState;
use crate::support::commands::{EraseMessage, ErasedMessage, Posted};
use crate::support::messages::Message;
use crate::support::requests::MessageRequest;
use crate::{agents, support};

const PATH: &str = "/api/v1/agents/{id}/messages";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, PATH, "List an agent's messages and the operator's, newest first");
    let listing = listing.scope("agents:read").query(&[LIMIT, AFTER, AT_LEAST]);
    api.on(listing.gives::<Page<Message>>(200), list)
        .on(
            write(Method::POST, PATH, "Write to an agent as the operator", "agents:write")
                .takes::<MessageRequest>()
                .gives::<Posted>(201),
            post,
        )
        .on(
            write(
                Method::DELETE,
                "/api/v1/agents/{id}/messages/{message_id}",
                "Erase the text of a message",
                "agents:erase",
            )
            .takes::<Reason>()
            .gives::<ErasedMessage>(200),
            erase,
        )
}

async fn list(State(app): State<AppState>, Path(text): Path<String>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let before = page.after.map(|text| text.parse::<Uuid>());
    if let Some(Err(_)) = before {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    query.finish()?;
    let agent_id = id(&text)?;
    agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let found = support::messages::newest(app.database(), agent_id, before.and_then(Result::ok), page.limit).await?;
    Ok(Json(found).into_response())
}

async fn post(State(app): State<AppState>, Path(text): Path<String>, write: Write<MessageRequest>) -> ApiResult {
    let author = write.command.actor.clone();
    let request = write.request.posting(write.errors, id(&text)?, author, app.clock.now())?;
    Ok(replied(&app.submit(write.command, request).await?))
}

async fn erase(
    State(app): State<AppState>,
    Path((agent_id, message_id)): Path<(String, String)>,
    write: Write<Reason>,
) -> ApiResult {
    let (agent_id, message_id) = (id(&agent_id)?, id(&message_id)?);
    let reason = write.request.check(write.errors)?;
    let erase = EraseMessage { message_id, agent_id, reason };
    Ok(replied(&app.submit(write.command, erase).await?))
}
