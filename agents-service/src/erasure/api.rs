use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::Response;
use web::http::{Api, Problem, Write, replied};

use crate::agents::snapshot::AgentSnapshot;
use crate::command::Command;
use crate::endpoint::{Reason, id, write};
use crate::erasure::commands::EraseAgent;
use crate::state::AppState;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    api.on(
        write(
            Method::DELETE,
            "/api/v1/agents/{id}",
            "Erase what is personal of a closed agent: login, contact and bank details, texts of messages",
            "agents:erase",
        )
        .takes::<Reason>()
        .gives::<AgentSnapshot>(200),
        erase,
    )
}

async fn erase(
    State(app): State<AppState>,
    Path(agent_id): Path<String>,
    write: Write<Reason>,
) -> Result<Response, Problem> {
    let command = EraseAgent { agent_id: id(&agent_id)?, reason: write.request.check(write.errors)? };
    Ok(replied(&app.submit(write.command, command.expecting(write.if_match)).await?))
}
