//! A customer group: a named set of customers that belongs to at most one agent at a time. Moving it does not change
//! earlier placements.

use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, GroupAssigned, GroupChanged, GroupCreated, GroupReleased, UiElement};
use uuid::Uuid;

use crate::agents::model::AgentState;
use crate::domain_error::DomainError;

pub fn stream(group_id: Uuid) -> String {
    format!("group-{group_id}")
}

/// The life stages of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Group {
    #[default]
    Absent,
    Free(GroupCreated),
    Assigned {
        agent_id: Uuid,
        description: GroupCreated,
    },
}

/// The owner of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    NoSuchGroup,
    Nobody,
    Agent(Uuid),
}

impl Owner {
    /// The agent whose group it is, if it is anybody's.
    pub fn agent(self) -> Option<Uuid> {
        match self {
            Self::Agent(agent_id) => Some(agent_id),
            Self::NoSuchGroup | Self::Nobody => None,
        }
    }
}

/// The agent who gets a group, and their state.
#[derive(Clone, Copy, Debug)]
pub struct Assignee {
    pub agent_id: Uuid,
    pub state: AgentState,
}

#[derive(Clone, Debug)]
pub enum GroupCommand {
    Create { description: GroupCreated, assignee: Option<Assignee> },
    Change(Change),
}

/// The changes; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub description: Option<String>,
    pub ui_elements: Option<Vec<UiElement>>,
    /// `Some(None)` releases the group.
    pub assignee: Option<Option<Assignee>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupError {
    Unknown,
    Exists,
    AgentUnknown,
    AgentClosed,
}

impl From<GroupError> for DomainError {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::Unknown => Self::not_found("there is no such group"),
            GroupError::Exists => Self::conflict("group_exists", "there is a group with this id already"),
            GroupError::AgentUnknown => Self::invalid_field("agent_id", "agent_unknown", "there is no such agent"),
            GroupError::AgentClosed => Self::conflict("agent_closed", "the agent is closed for good"),
        }
    }
}

impl Group {
    pub fn owner(&self) -> Owner {
        match self {
            Self::Absent => Owner::NoSuchGroup,
            Self::Free(_) => Owner::Nobody,
            Self::Assigned { agent_id, .. } => Owner::Agent(*agent_id),
        }
    }

    pub fn description(&self) -> Option<&GroupCreated> {
        match self {
            Self::Absent => None,
            Self::Free(description) | Self::Assigned { description, .. } => Some(description),
        }
    }
}

impl Assignee {
    /// A suspended agent may get groups, so that everything is ready when they are reinstated.
    fn check(self) -> Result<Uuid, GroupError> {
        match self.state {
            AgentState::Absent => Err(GroupError::AgentUnknown),
            AgentState::Closed => Err(GroupError::AgentClosed),
            AgentState::Active | AgentState::Suspended => Ok(self.agent_id),
        }
    }
}

impl Decider for Group {
    type State = Self;
    type Command = GroupCommand;
    type Event = AgentsEvent;
    type Error = GroupError;

    fn decide(state: &Self, command: GroupCommand) -> Result<Vec<AgentsEvent>, GroupError> {
        match (state.description(), command) {
            (None, GroupCommand::Create { description, assignee }) => {
                let handed_over = handed_over(description.group_id, Owner::Nobody, assignee)?;
                Ok([description.into()].into_iter().chain(handed_over).collect())
            }
            (None, GroupCommand::Change(_)) => Err(GroupError::Unknown),
            (Some(_), GroupCommand::Create { .. }) => Err(GroupError::Exists),
            (Some(old), GroupCommand::Change(change)) => {
                let mut events = Vec::from_iter(described_anew(old, state.owner().agent(), &change));
                if let Some(assignee) = change.assignee {
                    events.extend(handed_over(old.group_id, state.owner(), assignee)?);
                }
                Ok(events)
            }
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (state, event) {
            (_, AgentsEvent::GroupCreated(created)) => Self::Free(created.clone()),
            (Self::Free(_), AgentsEvent::GroupChanged(changed)) => Self::Free(described(changed)),
            (Self::Assigned { agent_id, .. }, AgentsEvent::GroupChanged(changed)) => {
                Self::Assigned { agent_id, description: described(changed) }
            }
            (
                Self::Free(description) | Self::Assigned { description, .. },
                AgentsEvent::GroupAssigned(GroupAssigned { agent_id, .. }),
            ) => Self::Assigned { agent_id: *agent_id, description },
            (Self::Assigned { description, .. }, AgentsEvent::GroupReleased(_)) => Self::Free(description),
            (state, _) => state,
        }
    }
}

fn described(changed: &GroupChanged) -> GroupCreated {
    let GroupChanged { group_id, name, description, ui_elements, .. } = changed.clone();
    GroupCreated { group_id, name, description, ui_elements }
}

/// The event of a new description, if it differs.
fn described_anew(old: &GroupCreated, agent_id: Option<Uuid>, change: &Change) -> Option<AgentsEvent> {
    let new = GroupChanged {
        group_id: old.group_id,
        agent_id,
        name: change.name.clone().unwrap_or_else(|| old.name.clone()),
        description: change.description.clone().unwrap_or_else(|| old.description.clone()),
        ui_elements: change.ui_elements.clone().unwrap_or_else(|| old.ui_elements.clone()),
    };
    (described(&new) != *old).then(|| new.into())
}

/// The event of a new owner, if it differs.
fn handed_over(group_id: Uuid, owner: Owner, assignee: Option<Assignee>) -> Result<Option<AgentsEvent>, GroupError> {
    let previous_agent_id = owner.agent();
    let agent_id = match assignee {
        Some(assignee) if Some(assignee.agent_id) == previous_agent_id => return Ok(None),
        Some(assignee) => assignee.check()?,
        None => {
            return Ok(previous_agent_id.map(|previous_agent_id| GroupReleased { group_id, previous_agent_id }.into()));
        }
    };
    Ok(Some(GroupAssigned { group_id, agent_id, previous_agent_id }.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn description() -> GroupCreated {
        let name = "VoIP customers".to_owned();
        GroupCreated { group_id: Uuid::nil(), name, description: String::new(), ui_elements: vec![UiElement::Did] }
    }

    fn agent(number: u128) -> Assignee {
        Assignee { agent_id: Uuid::from_u128(number), state: AgentState::Active }
    }

    fn hand_to(assignee: Option<Assignee>) -> GroupCommand {
        GroupCommand::Change(Change { assignee: Some(assignee), ..Change::default() })
    }

    fn after(commands: impl IntoIterator<Item = GroupCommand>) -> Group {
        commands.into_iter().fold(Group::Absent, |group, command| {
            let events = Group::decide(&group, command).unwrap_or_default();
            events.iter().fold(group, Group::evolve)
        })
    }

    fn create(assignee: Option<Assignee>) -> GroupCommand {
        GroupCommand::Create { description: description(), assignee }
    }

    #[test]
    fn a_group_can_be_created_for_an_agent_at_once() {
        assert_eq!(after([create(Some(agent(1)))]).owner(), Owner::Agent(Uuid::from_u128(1)));
    }

    #[test]
    fn moving_a_group_names_the_agent_it_was_taken_from() {
        let events = Group::decide(&after([create(Some(agent(1)))]), hand_to(Some(agent(2)))).unwrap();
        let moved = GroupAssigned {
            group_id: Uuid::nil(),
            agent_id: Uuid::from_u128(2),
            previous_agent_id: Some(Uuid::from_u128(1)),
        };
        assert_eq!(events, vec![moved.into()]);
    }

    #[test]
    fn releasing_a_free_group_is_already_so() {
        assert_eq!(Group::decide(&after([create(None)]), hand_to(None)), Ok(Vec::new()));
    }

    #[test]
    fn a_closed_or_unknown_agent_gets_no_group() {
        let group = after([create(None)]);
        let closed = Assignee { state: AgentState::Closed, ..agent(1) };
        assert_eq!(Group::decide(&group, hand_to(Some(closed))), Err(GroupError::AgentClosed));
        let unknown = Assignee { state: AgentState::Absent, ..agent(1) };
        assert_eq!(Group::decide(&Group::Absent, create(Some(unknown))), Err(GroupError::AgentUnknown));
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds(choices in prop::collection::vec(0_u128..6, 0..30)) {
            let (mut group, mut history) = (Group::Absent, Vec::new());
            for choice in choices {
                let command = match choice {
                    0 => create(None),
                    1 => create(Some(agent(1))),
                    2 => hand_to(None),
                    3 => GroupCommand::Change(Change { name: Some("Zoë".to_owned()), ..Change::default() }),
                    number => hand_to(Some(agent(number))),
                };
                let events = Group::decide(&group, command).unwrap_or_default();
                group = events.iter().fold(group, Group::evolve);
                history.extend(events);
            }
            prop_assert_eq!(Group::fold(&history), group);
        }
    }
}
