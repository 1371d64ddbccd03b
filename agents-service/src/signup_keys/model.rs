//! A signup key: stands for exactly one agent, call plan and group, which must fit when it is added. A key or slug is
//! never used again. Later usability is decided by `contract::key_usability`.

use contract::clock::Moment;
use contract::commission::CommissionTerms;
use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use contract::events::signup_keys::{
    SignupKeyAdded, SignupKeyChanged, SignupKeyCommissionChanged, SignupKeyNoteChanged, SignupKeyPaused,
    SignupKeyResumed, SignupKeyRevoked,
};
use contract::note::Note;

use crate::agents::model::AgentState;
use crate::call_plans::model::CallPlanState;
use crate::domain_error::DomainError;
use crate::groups::model::Owner;

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
    Change(Change),
    Pause { reason: Option<String> },
    Resume { reason: Option<String> },
    Revoke { reason: Option<String> },
}

/// The changes; absent fields stay, and a present `None` removes what there is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub label: Option<String>,
    /// Empty is no note.
    pub note: Option<String>,
    pub starts_at: Option<Option<Moment>>,
    pub ends_at: Option<Option<Moment>>,
    pub cap: Option<Option<u64>>,
    pub commission: Option<Option<CommissionTerms>>,
}

/// A new key, with the facts for its checks.
#[derive(Clone, Debug)]
pub struct Add {
    pub added: SignupKeyAdded,
    pub facts: Facts,
}

/// The states of what a new key stands for.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub agent: AgentState,
    pub call_plan: CallPlanState,
    pub granted: bool,
    pub group: Owner,
    /// Whether the other reading of the key's text is a key already.
    pub other_reading_taken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignupKeyError {
    Unknown,
    Taken,
    Revoked,
    AgentUnknown,
    AgentNotActive,
    CallPlanUnknown,
    CallPlanRetired,
    CallPlanNotGranted,
    GroupUnknown,
    GroupOfNobody,
    GroupOfAnotherAgent,
    EndsBeforeStart,
}

impl From<SignupKeyError> for DomainError {
    fn from(error: SignupKeyError) -> Self {
        match error {
            SignupKeyError::Unknown => Self::not_found("there is no such signup key"),
            SignupKeyError::Taken => {
                Self::conflict("slug_taken", "this key or slug was used before, and none is ever used again")
            }
            SignupKeyError::Revoked => Self::conflict("already_revoked", "the signup key is revoked for good"),
            SignupKeyError::AgentUnknown => Self::invalid_field("agent_id", "agent_unknown", "there is no such agent"),
            SignupKeyError::AgentNotActive => Self::conflict("agent_not_active", "the agent is not active"),
            SignupKeyError::CallPlanUnknown => {
                Self::invalid_field("call_plan_id", "plan_unknown", "there is no such call plan")
            }
            SignupKeyError::CallPlanRetired => Self::conflict("plan_retired", "the call plan is retired"),
            SignupKeyError::CallPlanNotGranted => {
                Self::conflict("plan_not_granted", "the agent may not sell this call plan: grant it first")
            }
            SignupKeyError::GroupUnknown => Self::invalid_field("group_id", "group_unknown", "there is no such group"),
            SignupKeyError::GroupOfNobody => {
                Self::conflict("group_of_nobody", "the group belongs to nobody: give it to the agent first")
            }
            SignupKeyError::GroupOfAnotherAgent => {
                Self::conflict("group_of_another_agent", "the group belongs to another agent")
            }
            SignupKeyError::EndsBeforeStart => {
                Self::invalid_field("ends_at", "ends_before_start", "the key would end before it starts")
            }
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
                Ok(vec![add.added.into()])
            }
            (_, SignupKeyCommand::Add(_)) => Err(SignupKeyError::Taken),
            (Self::Absent, _) => Err(SignupKeyError::Unknown),
            (Self::Revoked(_), _) => Err(SignupKeyError::Revoked),
            (Self::Active(SignupKeyAdded { key, agent_id, .. }), SignupKeyCommand::Pause { reason }) => {
                Ok(vec![SignupKeyPaused { key: key.clone(), agent_id: *agent_id, reason: reason.into() }.into()])
            }
            (Self::Paused(SignupKeyAdded { key, agent_id, .. }), SignupKeyCommand::Resume { reason }) => {
                Ok(vec![SignupKeyResumed { key: key.clone(), agent_id: *agent_id, reason: reason.into() }.into()])
            }
            (Self::Active(added) | Self::Paused(added), SignupKeyCommand::Revoke { reason }) => Ok(vec![
                SignupKeyRevoked { key: added.key.clone(), agent_id: added.agent_id, reason: reason.into() }.into(),
            ]),
            (Self::Active(added) | Self::Paused(added), SignupKeyCommand::Change(change)) => changed(added, change),
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
            (mut state, event) => {
                if let Self::Active(added) | Self::Paused(added) = &mut state {
                    describe(added, event);
                }
                state
            }
        }
    }
}

/// The events of those changes that differ.
fn changed(old: &SignupKeyAdded, change: Change) -> Result<Vec<AgentsEvent>, SignupKeyError> {
    let (key, agent_id) = (&old.key, old.agent_id);
    let described = SignupKeyChanged {
        key: key.clone(),
        agent_id,
        label: change.label.unwrap_or_else(|| old.label.clone()),
        starts_at: change.starts_at.unwrap_or(old.starts_at),
        ends_at: change.ends_at.unwrap_or(old.ends_at),
        cap: change.cap.unwrap_or(old.cap),
    };
    if ends_before_start(described.starts_at, described.ends_at) {
        return Err(SignupKeyError::EndsBeforeStart);
    }
    let noted = change.note.map(|text| Note::from(Some(text).filter(|text| !text.is_empty())));
    let noted = noted.filter(|note| *note != Note::Absent || old.note != Note::Absent);
    let commission = change.commission.filter(|commission| *commission != old.commission);
    let is_the_same = (&described.label, described.starts_at, described.ends_at, described.cap)
        == (&old.label, old.starts_at, old.ends_at, old.cap);
    let mut events = Vec::new();
    events.extend((!is_the_same).then(|| described.into()));
    events.extend(noted.map(|note| SignupKeyNoteChanged { key: key.clone(), agent_id, note }.into()));
    events.extend(
        commission.map(|commission| SignupKeyCommissionChanged { key: key.clone(), agent_id, commission }.into()),
    );
    Ok(events)
}

/// Applies a change of what a key is, not of its life stage.
fn describe(added: &mut SignupKeyAdded, event: &AgentsEvent) {
    match event {
        AgentsEvent::SignupKeyChanged(event) => {
            added.label.clone_from(&event.label);
            (added.starts_at, added.ends_at, added.cap) = (event.starts_at, event.ends_at, event.cap);
        }
        AgentsEvent::SignupKeyNoteChanged(event) => added.note.clone_from(&event.note),
        AgentsEvent::SignupKeyCommissionChanged(event) => added.commission = event.commission,
        _ => {}
    }
}

/// Checks that agent, call plan and group fit.
fn check(Add { added, facts }: &Add) -> Result<(), SignupKeyError> {
    if facts.other_reading_taken {
        return Err(SignupKeyError::Taken);
    }
    match facts.agent {
        AgentState::Absent => return Err(SignupKeyError::AgentUnknown),
        AgentState::Suspended | AgentState::Closed => {
            return Err(SignupKeyError::AgentNotActive);
        }
        AgentState::Active => {}
    }
    match facts.call_plan {
        CallPlanState::Absent => return Err(SignupKeyError::CallPlanUnknown),
        CallPlanState::Retired => return Err(SignupKeyError::CallPlanRetired),
        CallPlanState::Offered if !facts.granted => return Err(SignupKeyError::CallPlanNotGranted),
        CallPlanState::Offered => {}
    }
    match facts.group {
        Owner::NoSuchGroup => return Err(SignupKeyError::GroupUnknown),
        Owner::Nobody => return Err(SignupKeyError::GroupOfNobody),
        Owner::Agent(owner) if owner != added.agent_id => {
            return Err(SignupKeyError::GroupOfAnotherAgent);
        }
        Owner::Agent(_) => {}
    }
    if ends_before_start(added.starts_at, added.ends_at) { Err(SignupKeyError::EndsBeforeStart) } else { Ok(()) }
}

/// Whether a key with these dates would never be usable.
pub fn ends_before_start(starts_at: Option<Moment>, ends_at: Option<Moment>) -> bool {
    starts_at.zip(ends_at).is_some_and(|(start, end)| end <= start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const AGENT: Uuid = Uuid::from_u128(1);

    fn good() -> Facts {
        Facts {
            agent: AgentState::Active,
            call_plan: CallPlanState::Offered,
            granted: true,
            group: Owner::Agent(AGENT),
            other_reading_taken: false,
        }
    }

    fn choice() -> SignupKeyAdded {
        SignupKeyAdded {
            key: "spring-24".to_owned(),
            agent_id: AGENT,
            call_plan_id: Uuid::nil(),
            group_id: Uuid::nil(),
            label: "Spring leaflet".to_owned(),
            note: Note::Absent,
            starts_at: None,
            ends_at: None,
            cap: Some(5),
            commission: None,
        }
    }

    fn add(facts: Facts, added: SignupKeyAdded) -> SignupKeyCommand {
        SignupKeyCommand::Add(Box::new(Add { added, facts }))
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
        let retired = Facts { call_plan: CallPlanState::Retired, ..good() };
        assert_eq!(refusal(retired), Some(SignupKeyError::CallPlanRetired));
    }

    #[test]
    fn a_group_of_another_agent_or_of_nobody_is_refused() {
        let group = Owner::Agent(Uuid::from_u128(2));
        assert_eq!(refusal(Facts { group, ..good() }), Some(SignupKeyError::GroupOfAnotherAgent));
        assert_eq!(refusal(Facts { group: Owner::Nobody, ..good() }), Some(SignupKeyError::GroupOfNobody));
    }

    #[test]
    fn a_suspended_agent_gets_no_key() {
        assert_eq!(refusal(Facts { agent: AgentState::Suspended, ..good() }), Some(SignupKeyError::AgentNotActive));
    }

    #[test]
    fn a_key_that_ends_before_it_starts_is_refused() {
        let dates = |start, end| SignupKeyAdded {
            starts_at: Some(Moment::from_micros(start)),
            ends_at: Some(Moment::from_micros(end)),
            ..choice()
        };
        let refused = SignupKey::decide(&SignupKey::Absent, add(good(), dates(2, 1)));
        assert_eq!(refused, Err(SignupKeyError::EndsBeforeStart));
        assert!(SignupKey::decide(&SignupKey::Absent, add(good(), dates(1, 2))).is_ok());
    }

    #[test]
    fn a_change_says_what_differs_and_leaves_the_rest() {
        let moment = |micros| Some(Moment::from_micros(micros));
        let key = SignupKey::Paused(SignupKeyAdded { ends_at: moment(5), ..choice() });
        let decide = |key: &SignupKey, change| SignupKey::decide(key, SignupKeyCommand::Change(change));
        assert_eq!(decide(&key, Change::default()), Ok(Vec::new()));
        let same = Change { label: Some(choice().label), note: Some(String::new()), ..Change::default() };
        assert_eq!(decide(&key, same), Ok(Vec::new()));
        let change = Change {
            note: Some("Ask Zoë".to_owned()),
            starts_at: Some(moment(4)),
            cap: Some(None),
            ..Change::default()
        };
        let events = decide(&key, change).unwrap();
        let after = events.iter().fold(key.clone(), SignupKey::evolve);
        let note = Note::Text("Ask Zoë".to_owned());
        let expected = SignupKeyAdded { note, starts_at: moment(4), ends_at: moment(5), cap: None, ..choice() };
        assert_eq!((after, events.len()), (SignupKey::Paused(expected), 2));
        let late = Change { starts_at: Some(moment(5)), ..Change::default() };
        assert_eq!(decide(&key, late), Err(SignupKeyError::EndsBeforeStart));
        assert_eq!(decide(&SignupKey::Revoked(choice()), Change::default()), Err(SignupKeyError::Revoked));
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
            choices in prop::collection::vec(0_u8..5, 0..30),
        ) {
            let (mut key, mut history) = (SignupKey::Absent, Vec::new());
            for number in choices {
                let command = match number {
                    0 => add(good(), choice()),
                    1 => SignupKeyCommand::Pause { reason: None },
                    2 => SignupKeyCommand::Resume { reason: None },
                    3 => SignupKeyCommand::Change(Change { cap: Some(Some(7)), ..Change::default() }),
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
