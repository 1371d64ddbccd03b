//! A signup key: stands for exactly one agent, call plan and group, which are checked against each other when it is
//! added. A key or slug is never used again. Whether a key is usable later is asked of `contract::usable`.

use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, SignupKeyAdded, SignupKeyPaused, SignupKeyResumed, SignupKeyRevoked};
use contract::key::Key;
use uuid::Uuid;

use super::{agent, call_plan, group};

/// A key's stages of life, each with what it stands for. Revoked never comes back.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SignupKey {
    #[default]
    Absent,
    Active(SignupKeyAdded),
    Paused(SignupKeyAdded),
    Revoked(SignupKeyAdded),
}

impl SignupKey {
    /// What it stands for.
    pub fn added(&self) -> Option<&SignupKeyAdded> {
        match self {
            Self::Absent => None,
            Self::Active(added) | Self::Paused(added) | Self::Revoked(added) => Some(added),
        }
    }
}

/// What can be asked of a key.
#[derive(Clone, Debug)]
pub enum Command {
    Add(Box<Add>),
    Pause { reason: Option<String> },
    Resume { reason: Option<String> },
    Revoke { reason: Option<String> },
}

/// A new key, with the facts that it is judged by.
#[derive(Clone, Debug)]
pub struct Add {
    pub key: Key,
    pub choice: Choice,
    pub facts: Facts,
}

/// What a key stands for and how it is limited.
#[derive(Clone, Debug)]
pub struct Choice {
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub label: String,
    pub note: String,
    pub starts_at: Option<Moment>,
    pub ends_at: Option<Moment>,
    pub cap: Option<u64>,
}

/// How things stand around a new key.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub agent: agent::AgentState,
    pub call_plan: call_plan::CallPlanState,
    pub granted: bool,
    pub group: group::Owner,
    /// Whether the other reading of the key's text is a key already.
    pub other_reading_taken: bool,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    #[error("there is no such signup key")]
    Unknown,
    #[error("this key or slug was used before, and none is ever used again")]
    Taken,
    #[error("the signup key is revoked for good")]
    Revoked,
    #[error("there is no such agent")]
    AgentUnknown,
    #[error("the agent is not active")]
    AgentNotActive,
    #[error("there is no such call plan")]
    CallPlanUnknown,
    #[error("the call plan is retired")]
    CallPlanRetired,
    #[error("the agent may not sell this call plan: grant it first")]
    CallPlanNotGranted,
    #[error("there is no such group")]
    GroupUnknown,
    #[error("the group belongs to nobody: give it to the agent first")]
    GroupOfNobody,
    #[error("the group belongs to another agent")]
    GroupOfAnotherAgent,
    #[error("the key would end before it starts")]
    EndsBeforeStart,
}

impl DomainError {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "key_unknown",
            Self::Taken => "slug_taken",
            Self::Revoked => "already_revoked",
            Self::AgentUnknown => "agent_unknown",
            Self::AgentNotActive => "agent_not_active",
            Self::CallPlanUnknown => "plan_unknown",
            Self::CallPlanRetired => "plan_retired",
            Self::CallPlanNotGranted => "plan_not_granted",
            Self::GroupUnknown => "group_unknown",
            Self::GroupOfNobody => "group_of_nobody",
            Self::GroupOfAnotherAgent => "group_of_another_agent",
            Self::EndsBeforeStart => "ends_before_start",
        }
    }
}

impl Decider for SignupKey {
    type State = Self;
    type Command = Command;
    type Event = AgentsEvent;
    type Error = DomainError;

    fn decide(state: &Self, command: Command) -> Result<Vec<AgentsEvent>, DomainError> {
        match (state, command) {
            (Self::Absent, Command::Add(add)) => {
                check(&add)?;
                Ok(vec![added(*add).into()])
            }
            (_, Command::Add(_)) => Err(DomainError::Taken),
            (Self::Absent, _) => Err(DomainError::Unknown),
            (Self::Revoked(_), _) => Err(DomainError::Revoked),
            (Self::Active(SignupKeyAdded { key, agent_id, .. }), Command::Pause { reason }) => {
                Ok(vec![SignupKeyPaused { key: key.clone(), agent_id: *agent_id, reason }.into()])
            }
            (Self::Paused(SignupKeyAdded { key, agent_id, .. }), Command::Resume { reason }) => {
                Ok(vec![SignupKeyResumed { key: key.clone(), agent_id: *agent_id, reason }.into()])
            }
            (Self::Active(added) | Self::Paused(added), Command::Revoke { reason }) => {
                Ok(vec![SignupKeyRevoked { key: added.key.clone(), agent_id: added.agent_id, reason }.into()])
            }
            (Self::Active(_), Command::Resume { .. }) | (Self::Paused(_), Command::Pause { .. }) => Ok(Vec::new()),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (state, event) {
            (_, AgentsEvent::SignupKeyAdded(added)) => Self::Active(added.clone()),
            (Self::Active(added), AgentsEvent::SignupKeyPaused(_)) => Self::Paused(added),
            (Self::Paused(added), AgentsEvent::SignupKeyResumed(_)) => Self::Active(added),
            (Self::Active(added) | Self::Paused(added), AgentsEvent::SignupKeyRevoked(_)) => Self::Revoked(added),
            (state, _) => state,
        }
    }
}

/// Checks agent, call plan and group against each other.
fn check(Add { choice, facts, .. }: &Add) -> Result<(), DomainError> {
    if facts.other_reading_taken {
        return Err(DomainError::Taken);
    }
    match facts.agent {
        agent::AgentState::Absent => return Err(DomainError::AgentUnknown),
        agent::AgentState::Suspended | agent::AgentState::Closed => return Err(DomainError::AgentNotActive),
        agent::AgentState::Active => {}
    }
    match facts.call_plan {
        call_plan::CallPlanState::Absent => return Err(DomainError::CallPlanUnknown),
        call_plan::CallPlanState::Retired => return Err(DomainError::CallPlanRetired),
        call_plan::CallPlanState::Offered if !facts.granted => return Err(DomainError::CallPlanNotGranted),
        call_plan::CallPlanState::Offered => {}
    }
    match facts.group {
        group::Owner::NoSuchGroup => return Err(DomainError::GroupUnknown),
        group::Owner::Nobody => return Err(DomainError::GroupOfNobody),
        group::Owner::Agent(owner) if owner != choice.agent_id => return Err(DomainError::GroupOfAnotherAgent),
        group::Owner::Agent(_) => {}
    }
    if ends_before_start(choice.starts_at, choice.ends_at) { Err(DomainError::EndsBeforeStart) } else { Ok(()) }
}

/// Whether a key with these dates would never work.
pub fn ends_before_start(starts_at: Option<Moment>, ends_at: Option<Moment>) -> bool {
    starts_at.zip(ends_at).is_some_and(|(start, end)| end <= start)
}

fn added(Add { key, choice, .. }: Add) -> SignupKeyAdded {
    SignupKeyAdded {
        key: key.into_string(),
        agent_id: choice.agent_id,
        call_plan_id: choice.call_plan_id,
        group_id: choice.group_id,
        label: choice.label,
        note: choice.note,
        starts_at: choice.starts_at,
        ends_at: choice.ends_at,
        cap: choice.cap,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AGENT: Uuid = Uuid::from_u128(1);

    fn good() -> Facts {
        Facts {
            agent: agent::AgentState::Active,
            call_plan: call_plan::CallPlanState::Offered,
            granted: true,
            group: group::Owner::Agent(AGENT),
            other_reading_taken: false,
        }
    }

    fn choice() -> Choice {
        Choice {
            agent_id: AGENT,
            call_plan_id: Uuid::nil(),
            group_id: Uuid::nil(),
            label: "Spring leaflet".to_owned(),
            note: String::new(),
            starts_at: None,
            ends_at: None,
            cap: Some(5),
        }
    }

    fn add(facts: Facts, choice: Choice) -> Command {
        Command::Add(Box::new(Add { key: Key::slug("spring-24").unwrap(), choice, facts }))
    }

    fn refusal(facts: Facts) -> Option<DomainError> {
        SignupKey::decide(&SignupKey::Absent, add(facts, choice())).err()
    }

    #[test]
    fn a_key_whose_three_parts_belong_together_is_added() {
        assert_eq!(refusal(good()), None);
    }

    #[test]
    fn a_call_plan_that_was_not_granted_is_refused() {
        assert_eq!(refusal(Facts { granted: false, ..good() }), Some(DomainError::CallPlanNotGranted));
        let retired = Facts { call_plan: call_plan::CallPlanState::Retired, ..good() };
        assert_eq!(refusal(retired), Some(DomainError::CallPlanRetired));
    }

    #[test]
    fn a_group_of_another_agent_or_of_nobody_is_refused() {
        let group = group::Owner::Agent(Uuid::from_u128(2));
        assert_eq!(refusal(Facts { group, ..good() }), Some(DomainError::GroupOfAnotherAgent));
        assert_eq!(refusal(Facts { group: group::Owner::Nobody, ..good() }), Some(DomainError::GroupOfNobody));
    }

    #[test]
    fn a_suspended_agent_gets_no_key() {
        assert_eq!(refusal(Facts { agent: agent::AgentState::Suspended, ..good() }), Some(DomainError::AgentNotActive));
    }

    #[test]
    fn a_key_that_ends_before_it_starts_is_refused() {
        let dates = |start, end| Choice {
            starts_at: Some(Moment::from_micros(start)),
            ends_at: Some(Moment::from_micros(end)),
            ..choice()
        };
        let refused = SignupKey::decide(&SignupKey::Absent, add(good(), dates(2, 1)));
        assert_eq!(refused, Err(DomainError::EndsBeforeStart));
        assert!(SignupKey::decide(&SignupKey::Absent, add(good(), dates(1, 2))).is_ok());
    }

    #[test]
    fn a_slug_that_reads_like_another_key_is_refused() {
        assert_eq!(refusal(Facts { other_reading_taken: true, ..good() }), Some(DomainError::Taken));
    }

    #[test]
    fn a_revoked_key_is_never_used_again() {
        let add = || add(good(), choice());
        let history = SignupKey::decide(&SignupKey::Absent, add()).unwrap();
        let active = SignupKey::fold(&history);
        let history = SignupKey::decide(&active, Command::Revoke { reason: None }).unwrap();
        let revoked = history.iter().fold(active, SignupKey::evolve);
        assert_eq!(SignupKey::decide(&revoked, add()), Err(DomainError::Taken));
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds_and_nothing_follows_revoking(
            choices in prop::collection::vec(0_u8..4, 0..30),
        ) {
            let (mut key, mut history) = (SignupKey::Absent, Vec::new());
            for number in choices {
                let command = match number {
                    0 => add(good(), choice()),
                    1 => Command::Pause { reason: None },
                    2 => Command::Resume { reason: None },
                    _ => Command::Revoke { reason: None },
                };
                let decided = SignupKey::decide(&key, command);
                prop_assert!(!matches!(key, SignupKey::Revoked(_)) || decided.is_err());
                let events = decided.unwrap_or_default();
                key = events.iter().fold(key, SignupKey::evolve);
                history.extend(events);
            }
            prop_assert_eq!(SignupKey::fold(&history), key);
        }
    }
}
