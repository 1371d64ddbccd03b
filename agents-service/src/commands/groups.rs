//! Requests about customer groups.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::batch_context::{BatchContext, Decided, Outcome};
use super::{DomainError, agents};
use crate::domain::agent::Agent;
use crate::domain::group::{Assignee, Change, Command, Description, Group};
use crate::projections;

/// What can be asked about a group. Agents are named here; their states are read when it is decided.
#[derive(Clone)]
pub enum Request {
    Create { description: Description, agent_id: Option<Uuid> },
    Change { group_id: Uuid, version: Option<u64>, change: Change, agent_id: Option<Option<Uuid>> },
}

/// The stream of a group.
pub fn stream(group_id: Uuid) -> String {
    format!("group-{group_id}")
}

impl Request {
    fn group_id(&self) -> Uuid {
        match self {
            Self::Create { description, .. } => description.group_id,
            Self::Change { group_id, .. } => *group_id,
        }
    }

    fn agent_id(&self) -> Option<Uuid> {
        match self {
            Self::Create { agent_id, .. } => *agent_id,
            Self::Change { agent_id, .. } => agent_id.flatten(),
        }
    }

    pub(super) fn streams(&self) -> Vec<String> {
        let mut streams = vec![stream(self.group_id())];
        streams.extend(self.agent_id().map(agents::stream));
        streams
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let assignee = self.agent_id().map(|agent_id| {
            let (agent, _) = batch.state::<Agent>(&agents::stream(agent_id));
            Assignee { agent_id, state: agent.state() }
        });
        let (expected, command) = match self {
            Self::Create { description, .. } => (None, Command::Create { description: description.clone(), assignee }),
            Self::Change { version, change, agent_id, .. } => {
                let assignee = agent_id.map(|_| assignee);
                (*version, Command::Change(Change { assignee, ..change.clone() }))
            }
        };
        let agent_as_seen = self.agent_id().map(|agent_id| batch.expected_version(&agents::stream(agent_id)));
        let mut decided = batch.decide::<Group>(&stream(self.group_id()), expected, command)?;
        decided.expected_versions.extend(agent_as_seen);
        Ok(decided)
    }

    pub(super) fn answer(&self, batch: &BatchContext, outcome: &Outcome) -> (u16, Json) {
        let (group, version) = batch.state::<Group>(&outcome.stream);
        let status = if matches!(self, Self::Create { .. }) { 201 } else { 200 };
        (status, json!(projections::groups::Group::of(&group, version)))
    }
}
