use axum::http::Method;
use web::http::Api;

use crate::agents::snapshot::AgentSnapshot;
use crate::endpoint::{Reason, with_reason, write};
use crate::erasure::commands::erase;
use crate::state::AppState;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    api.on(
        write(
            Method::DELETE,
            "/api/v1/agents/{id}",
            "Erase what is personal of a closed agent: login, contact and bank details, texts of messages",
            "agents:erase",
        )
        .if_match()
        .takes::<Reason>()
        .gives::<AgentSnapshot>(200),
        with_reason(erase),
    )
}
