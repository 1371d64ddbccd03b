use uuid::Uuid;

use crate::agents::accounts;
use crate::agents::commands::changed;
use crate::agents::model::{Agent, AgentCommand, stream};
use crate::command::SimpleCommand;
use crate::support::messages;

/// Erases the personal data of a closed agent.
pub fn erase(agent_id: Uuid, reason: Option<String>) -> SimpleCommand<Agent> {
    SimpleCommand::new(stream(agent_id), AgentCommand::Erase { reason }, changed).storing(agent_id, |tx, id| {
        Box::pin(async move {
            accounts::erase_agent(tx, id).await?;
            messages::erase_all(tx, id).await
        })
    })
}
