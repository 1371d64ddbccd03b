use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::agents::accounts;
use crate::agents::commands::snapshot;
use crate::agents::model::{Agent, AgentCommand, stream};
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::support::messages;

/// Erases the personal data of a closed agent.
pub struct EraseAgent {
    pub agent_id: Uuid,
    pub reason: Option<String>,
}

impl Command for EraseAgent {
    fn stream(&self) -> String {
        stream(self.agent_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<Agent>(&self.stream(), AgentCommand::Erase { reason: self.reason.clone() })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(snapshot(batch, outcome))
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async {
            accounts::erase_agent(tx, self.agent_id).await?;
            messages::erase_all(tx, self.agent_id).await
        })
    }
}
