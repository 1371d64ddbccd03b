//! Commands about customer groups. Agents are named by id; their states are read when the command is decided.

use contract::events::agents::GroupCreated;
use uuid::Uuid;

use crate::agents;
use crate::agents::model::Agent;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::groups::model::{Assignee, Change, Group, GroupCommand, stream};
use crate::groups::snapshot::GroupSnapshot;

/// The agent who gets a group, as the batch sees them.
fn assignee(batch: &BatchContext, agent_id: Uuid) -> Assignee {
    Assignee { agent_id, state: batch.state::<Agent>(&agents::model::stream(agent_id)).state() }
}

/// Creates a group, with or without an agent.
pub struct CreateGroup {
    pub description: GroupCreated,
    pub agent_id: Option<Uuid>,
}

impl Command for CreateGroup {
    fn stream(&self) -> String {
        stream(self.description.group_id)
    }

    fn reads(&self) -> Vec<String> {
        self.agent_id.map(agents::model::stream).into_iter().collect()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let assignee = self.agent_id.map(|agent_id| assignee(batch, agent_id));
        let create = GroupCommand::Create { description: self.description.clone(), assignee };
        batch.decide::<Group>(&self.stream(), create)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(batch.snapshot(outcome, GroupSnapshot::of))
    }
}

/// Changes, moves or releases a group; absent fields stay.
pub struct ChangeGroup {
    pub group_id: Uuid,
    pub change: Change,
    /// `Some(None)` releases the group.
    pub agent_id: Option<Option<Uuid>>,
}

impl Command for ChangeGroup {
    fn stream(&self) -> String {
        stream(self.group_id)
    }

    fn reads(&self) -> Vec<String> {
        self.agent_id.flatten().map(agents::model::stream).into_iter().collect()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let assignee = self.agent_id.map(|agent_id| agent_id.map(|agent_id| assignee(batch, agent_id)));
        let change = Change { assignee, ..self.change.clone() };
        batch.decide::<Group>(&self.stream(), GroupCommand::Change(change))
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(batch.snapshot(outcome, GroupSnapshot::of))
    }
}
