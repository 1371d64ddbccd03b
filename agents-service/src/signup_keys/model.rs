//! A signup key: stands for exactly one agent, call plan and group, which must fit when it is added. A key or slug is
//! never used again. Later usability is decided by `contract::usable`.

use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, SignupKeyAdded, SignupKeyPaused, SignupKeyResumed, SignupKeyRevoked};
use contract::key::Key;
use uuid::Uuid;

use crate::domain_error::DomainError;
use crate::{agents, call_plans, groups};

pub fn stream(key: &str) -> String {
    format!("key-{key}")
}

/// The life stages of a key, each with what it stands for. `Revoked` is final.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SignupKey {
    #[default]
    Absent,
    Active(SignupKeyAdded),
    Paused(SignupKeyAdded),
    Revoked(SignupKeyAdded),
}

impl SignupKey {
    pub fn added(&self) -> Option<&SignupKeyAdded> {
        match self {
            Self::Absent => None,
            Self::Active(added) | Self::Paused(added) | Self::Revoked(added) => Some(added),
        }
    }
}

#[derive(Clone, Debug)]
pub enum SignupKeyCommand {
    Add(Box<Add>),
    Pause { reason: Option<String> },
    Resume { reason: Option<String> },
    Revoke { reason: Option<String> },
}

/// A new key, with the facts for its checks.
#[derive(Clone, Debug)]
pub struct Add {
    pub key: Key,
    pub choice: Choice,
    pub facts: Facts,
}

/// What a key stands for, and its limits.
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

/// The states of what a new key stands for.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub agent: agents::model::AgentState,
    pub call_plan: call_plans::model::CallPlanState,
    pub granted: bool,
    pub group: groups::model::Owner,
    /// Whether the other reading of the key's text is a key already.
    pub other_reading_taken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignupKeyError {
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

impl SignupKeyError {
    /// The stable code for API clients.
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

impl From<SignupKeyError> for DomainError {
    fn from(error: SignupKeyError) -> Self {
        match error {
            SignupKeyError::Unknown => Self::not_found(&error),
            SignupKeyError::AgentUnknown => Self::invalid_field("agent_id", error.code(), &error),
            SignupKeyError::CallPlanUnknown => Self::invalid_field("call_plan_id", error.code(), &error),
            SignupKeyError::GroupUnknown => Self::invalid_field("group_id", error.code(), &error),
            SignupKeyError::EndsBeforeStart => Self::invalid_field("ends_at", error.code(), &error),
            _ => Self::conflict(error.code(), &error),
        }
    }
}

impl Decider for SignupKey {
    type State = Self;
    type Command = SignupKeyCommand;
    type Event = AgentsEvent;
    type Error = SignupKeyError;

    fn decide(state: &Self, command: SignupKeyCommand) -> Result<Vec<AgentsEvent>, SignupKeyError> {
        match (state, command) {
            (Self::Absent, SignupKeyCommand::Add(add)) => {
                check(&add)?;
                Ok(vec![added(*add).into()])
            }
            (_, SignupKeyCommand::Add(_)) => Err(SignupKeyError::Taken),
            (Self::Absent, _) => Err(SignupKeyError::Unknown),
            (Self::Revoked(_), _) => Err(SignupKeyError::Revoked),
            (Self::Active(SignupKeyAdded { key, agent_id, .. }), SignupKeyCommand::Pause { reason }) => {
                Ok(vec![SignupKeyPaused { key: key.clone(), agent_id: *agent_id, reason }.into()])
            }
            (Self::Paused(SignupKeyAdded { key, agent_id, .. }), SignupKeyCommand::Resume { reason }) => {
                Ok(vec![SignupKeyResumed { key: key.clone(), agent_id: *agent_id, reason }.into()])
            }
            (Self::Active(added) | Self::Paused(added), SignupKeyCommand::Revoke { reason }) => {
                Ok(vec![SignupKeyRevoked { key: added.key.clone(), agent_id: added.agent_id, reason }.into()])
            }
            (Self::Active(_), SignupKeyCommand::Resume { .. }) | (Self::Paused(_), SignupKeyCommand::Pause { .. }) => {
                Ok(Vec::new())
            }
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

/// Checks that agent, call plan and group fit.
fn check(Add { choice, facts, .. }: &Add) -> Result<(), SignupKeyError> {
    if facts.other_reading_taken {
        return Err(SignupKeyError::Taken);
    }
    match facts.agent {
        agents::model::AgentState::Absent => return Err(SignupKeyError::AgentUnknown),
        agents::model::AgentState::Suspended | agents::model::AgentState::Closed => {
            return Err(SignupKeyError::AgentNotActive);
        }
        agents::model::AgentState::Active => {}
    }
    match facts.call_plan {
        call_plans::model::CallPlanState::Absent => return Err(SignupKeyError::CallPlanUnknown),
        call_plans::model::CallPlanState::Retired => return Err(SignupKeyError::CallPlanRetired),
        call_plans::model::CallPlanState::Offered if !facts.granted => return Err(SignupKeyError::CallPlanNotGranted),
        call_plans::model::CallPlanState::Offered => {}
    }
    match facts.group {
        groups::model::Owner::NoSuchGroup => return Err(SignupKeyError::GroupUnknown),
        groups::model::Owner::Nobody => return Err(SignupKeyError::GroupOfNobody),
        groups::model::Owner::Agent(owner) if owner != choice.agent_id => {
            return Err(SignupKeyError::GroupOfAnotherAgent);
        }
        groups::model::Owner::Agent(_) => {}
    }
    if ends_before_start(choice.starts_at, choice.ends_at) { Err(SignupKeyError::EndsBeforeStart) } else { Ok(()) }
}

/// Whether a key with these dates would never be usable.
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
            agent: agents::model::AgentState::Active,
            call_plan: call_plans::model::CallPlanState::Offered,
            granted: true,
            group: groups::model::Owner::Agent(AGENT),
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

    fn add(facts: Facts, choice: Choice) -> SignupKeyCommand {
        SignupKeyCommand::Add(Box::new(Add { key: Key::slug("spring-24").unwrap(), choice, facts }))
    }

    fn refusal(facts: Facts) -> Option<SignupKeyError> {
        SignupKey::decide(&SignupKey::Absent, add(facts, choice())).err()
    }

    #[test]
    fn a_key_whose_three_parts_belong_together_is_added() {
        assert_eq!(refusal(good()), None);
    }

    #[test]
    fn a_call_plan_that_was_not_granted_is_refused() {
        assert_eq!(refusal(Facts { granted: false, ..good() }), Some(SignupKeyError::CallPlanNotGranted));
        let retired = Facts { call_plan: call_plans::model::CallPlanState::Retired, ..good() };
        assert_eq!(refusal(retired), Some(SignupKeyError::CallPlanRetired));
    }

    #[test]
    fn a_group_of_another_agent_or_of_nobody_is_refused() {
        let group = groups::model::Owner::Agent(Uuid::from_u128(2));
        assert_eq!(refusal(Facts { group, ..good() }), Some(SignupKeyError::GroupOfAnotherAgent));
        assert_eq!(
            refusal(Facts { group: groups::model::Owner::Nobody, ..good() }),
            Some(SignupKeyError::GroupOfNobody)
        );
    }

    #[test]
    fn a_suspended_agent_gets_no_key() {
        assert_eq!(
            refusal(Facts { agent: agents::model::AgentState::Suspended, ..good() }),
            Some(SignupKeyError::AgentNotActive)
        );
    }

    #[test]
    fn a_key_that_ends_before_it_starts_is_refused() {
        let dates = |start, end| Choice {
            starts_at: Some(Moment::from_micros(start)),
            ends_at: Some(Moment::from_micros(end)),
            ..choice()
        };
        let refused = SignupKey::decide(&SignupKey::Absent, add(good(), dates(2, 1)));
        assert_eq!(refused, Err(SignupKeyError::EndsBeforeStart));
        assert!(SignupKey::decide(&SignupKey::Absent, add(good(), dates(1, 2))).is_ok());
    }

    #[test]
    fn a_slug_that_reads_like_another_key_is_refused() {
        assert_eq!(refusal(Facts { other_reading_taken: true, ..good() }), Some(SignupKeyError::Taken));
    }

    #[test]
    fn a_revoked_key_is_never_used_again() {
        let add = || add(good(), choice());
        let history = SignupKey::decide(&SignupKey::Absent, add()).unwrap();
        let active = SignupKey::fold(&history);
        let history = SignupKey::decide(&active, SignupKeyCommand::Revoke { reason: None }).unwrap();
        let revoked = history.iter().fold(active, SignupKey::evolve);
        assert_eq!(SignupKey::decide(&revoked, add()), Err(SignupKeyError::Taken));
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
                    1 => SignupKeyCommand::Pause { reason: None },
                    2 => SignupKeyCommand::Resume { reason: None },
                    _ => SignupKeyCommand::Revoke { reason: None },
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
