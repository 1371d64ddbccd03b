use event_store::projections::parked;
use uuid::Uuid;
use web::http::Problem;
use web::http::client::Client;

use crate::agents::model::stream;
use crate::agents::snapshot::{AgentSnapshot, State};
use crate::agents::{accounts, queries};
use crate::auth::credentials::Credentials;
use crate::auth::logins;
use crate::auth::passwords::Secret;
use crate::projection::AgentsProjection;
use crate::state::AppState;

/// The agent with this login and password.
pub async fn credentials(
    app: &AppState,
    client: Client,
    login: &str,
    password: Secret,
) -> Result<Option<Credentials>, Problem> {
    let digest = logins::of_agent(app.log.secret(), login);
    app.check_password("agent", client, login, accounts::agent(app.database(), digest), password).await
}

/// The agent with this id, if the portal is open to them. Refused while a parked event may hold a suspension.
pub async fn active(app: &AppState, agent_id: Uuid) -> Result<Option<AgentSnapshot>, Problem> {
    if parked::may_lack::<AgentsProjection>(app.database(), &stream(agent_id)).await? {
        return Err(Problem::unavailable());
    }
    Ok(queries::get(app.database(), agent_id).await?.filter(|agent| agent.state == State::Active))
}
