//! An agent: a reseller with terms and grants. Knows nothing of login, password and contact details but that they changed.

use std::collections::BTreeSet;

use contract::decider::Decider;
use contract::events::agents::{
    AgentChanged, AgentClosed, AgentContactChanged, AgentCreated, AgentPasswordChanged, AgentReinstated,
    AgentSuspended, AgentTerms, AgentsEvent, Permission,
};
use contract::money::{Currency, Money, Percent};
use uuid::Uuid;

use super::{call_plan, erasure, grants};

/// An agent's stages of life. Closed never comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    #[default]
    Absent,
    Active(AgentStatus),
    Suspended(AgentStatus),
    Closed(AgentStatus),
}

/// What an agent is and may sell, and whether nothing personal is kept of them any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStatus {
    pub agent_id: Uuid,
    pub terms: AgentTerms,
    pub grants: BTreeSet<Uuid>,
    pub erased: bool,
}

/// An agent's state alone, for those who need no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    Absent,
    Active,
    Suspended,
    Closed,
}

/// What can be asked of an agent.
#[derive(Clone, Debug)]
pub enum Command {
    Create {
        agent_id: Uuid,
        terms: AgentTerms,
        login_digest: String,
    },
    Change(Change),
    Suspend {
        reason: Option<String>,
    },
    Reinstate {
        reason: Option<String>,
    },
    Close {
        reason: Option<String>,
    },
    Erase {
        reason: Option<String>,
    },
    /// All of them or none.
    Grant {
        call_plans: Vec<(Uuid, call_plan::CallPlanState)>,
    },
    /// Each with the live keys that stop.
    Withdraw {
        call_plans: Vec<(Uuid, u64)>,
        reason: Option<String>,
    },
}

/// A change of terms and of what is kept beside them.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub terms: TermsChange,
    /// Names of the contact and bank fields whose text differs now.
    pub contact_fields: Vec<String>,
    pub password: bool,
}

/// The terms to change; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct TermsChange {
    pub name: Option<String>,
    pub permissions: Option<Vec<Permission>>,
    pub remittance_threshold: Option<Money>,
    pub commission: Option<Percent>,
    pub currency: Option<Currency>,
    pub language: Option<String>,
    pub vat: Option<Percent>,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    #[error("there is no such agent")]
    Unknown,
    #[error("there is an agent with this id already")]
    Exists,
    #[error("the agent is closed for good")]
    Closed,
    #[error("the agent is not closed: close the agent first")]
    NotClosed,
    #[error("an agent needs at least one screen permission")]
    NoPermission,
    #[error("there is no such call plan")]
    CallPlanUnknown,
    #[error("the call plan is retired")]
    CallPlanRetired,
}

impl DomainError {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "agent_unknown",
            Self::Exists => "agent_exists",
            Self::Closed => "agent_closed",
            Self::NotClosed => "agent_not_closed",
            Self::NoPermission => "permission_required",
            Self::CallPlanUnknown => "plan_unknown",
            Self::CallPlanRetired => "plan_retired",
        }
    }
}

impl Agent {
    /// The state alone.
    pub fn state(&self) -> AgentState {
        match self {
            Self::Absent => AgentState::Absent,
            Self::Active(_) => AgentState::Active,
            Self::Suspended(_) => AgentState::Suspended,
            Self::Closed(_) => AgentState::Closed,
        }
    }

    /// Whether they may sell the call plan.
    pub fn may_sell(&self, call_plan_id: Uuid) -> bool {
        self.living().is_ok_and(|standing| standing.grants.contains(&call_plan_id))
    }

    /// What they are or was.
    pub fn standing(&self) -> Option<&AgentStatus> {
        match self {
            Self::Absent => None,
            Self::Active(standing) | Self::Suspended(standing) | Self::Closed(standing) => Some(standing),
        }
    }

    fn living(&self) -> Result<&AgentStatus, DomainError> {
        match self {
            Self::Absent => Err(DomainError::Unknown),
            Self::Active(standing) | Self::Suspended(standing) => Ok(standing),
            Self::Closed(_) => Err(DomainError::Closed),
        }
    }

    /// The same agent with another standing.
    fn with(self, change: impl FnOnce(&mut AgentStatus)) -> Self {
        match self {
            Self::Active(mut standing) => {
                change(&mut standing);
                Self::Active(standing)
            }
            Self::Suspended(mut standing) => {
                change(&mut standing);
                Self::Suspended(standing)
            }
            other @ (Self::Absent | Self::Closed(_)) => other,
        }
    }
}

impl TermsChange {
    /// The terms after the change.
    fn over(self, terms: &AgentTerms) -> AgentTerms {
        AgentTerms {
            name: self.name.unwrap_or_else(|| terms.name.clone()),
            permissions: self.permissions.unwrap_or_else(|| terms.permissions.clone()),
            remittance_threshold: self.remittance_threshold.unwrap_or(terms.remittance_threshold),
            commission: self.commission.unwrap_or(terms.commission),
            currency: self.currency.unwrap_or(terms.currency),
            language: self.language.unwrap_or_else(|| terms.language.clone()),
            vat: self.vat.unwrap_or(terms.vat),
        }
    }
}

impl Decider for Agent {
    type State = Self;
    type Command = Command;
    type Event = AgentsEvent;
    type Error = DomainError;

    fn decide(state: &Self, command: Command) -> Result<Vec<AgentsEvent>, DomainError> {
        let command = match command {
            Command::Create { agent_id, terms, login_digest } => return create(state, agent_id, terms, login_digest),
            Command::Erase { reason } => return erasure::erase(state, reason),
            command => command,
        };
        let standing = state.living()?;
        let agent_id = standing.agent_id;
        let event = match (state, command) {
            (_, Command::Change(change)) => return change_of(standing, change),
            (Self::Active(_), Command::Suspend { reason }) => AgentSuspended { agent_id, reason }.into(),
            (Self::Suspended(_), Command::Reinstate { reason }) => AgentReinstated { agent_id, reason }.into(),
            (_, Command::Close { reason }) => AgentClosed { agent_id, reason }.into(),
            (_, Command::Grant { call_plans }) => return grants::grant(standing, call_plans),
            (_, Command::Withdraw { call_plans, reason }) => {
                return Ok(grants::withdraw(standing, call_plans, reason.as_ref()));
            }
            (_, _) => return Ok(Vec::new()),
        };
        Ok(vec![event])
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (state, event) {
            (_, AgentsEvent::AgentCreated(AgentCreated { agent_id, terms, .. })) => {
                let (terms, grants) = (terms.clone(), BTreeSet::new());
                Self::Active(AgentStatus { agent_id: *agent_id, terms, grants, erased: false })
            }
            (Self::Active(standing), AgentsEvent::AgentSuspended(_)) => Self::Suspended(standing),
            (Self::Suspended(standing), AgentsEvent::AgentReinstated(_)) => Self::Active(standing),
            (Self::Active(standing) | Self::Suspended(standing), AgentsEvent::AgentClosed(_)) => Self::Closed(standing),
            (Self::Closed(standing), AgentsEvent::AgentErased(_)) => {
                Self::Closed(AgentStatus { erased: true, ..standing })
            }
            (state, AgentsEvent::AgentChanged(event)) => state.with(|standing| standing.terms = event.terms.clone()),
            (state, AgentsEvent::CallPlanGranted(event)) => {
                state.with(|standing| standing.grants.extend([event.call_plan_id]))
            }
            (state, AgentsEvent::CallPlanWithdrawn(event)) => {
                state.with(|standing| standing.grants.retain(|plan| *plan != event.call_plan_id))
            }
            (state, _) => state,
        }
    }
}

fn create(
    state: &Agent,
    agent_id: Uuid,
    terms: AgentTerms,
    login_digest: String,
) -> Result<Vec<AgentsEvent>, DomainError> {
    match state {
        Agent::Absent if terms.permissions.is_empty() => Err(DomainError::NoPermission),
        Agent::Absent => Ok(vec![AgentCreated { agent_id, terms, login_digest }.into()]),
        Agent::Closed(_) => Err(DomainError::Closed),
        Agent::Active(_) | Agent::Suspended(_) => Err(DomainError::Exists),
    }
}

fn change_of(standing: &AgentStatus, change: Change) -> Result<Vec<AgentsEvent>, DomainError> {
    let agent_id = standing.agent_id;
    let terms = change.terms.over(&standing.terms);
    if terms.permissions.is_empty() {
        return Err(DomainError::NoPermission);
    }
    let mut events = Vec::new();
    if terms != standing.terms {
        events.push(AgentChanged { agent_id, terms }.into());
    }
    if !change.contact_fields.is_empty() {
        events.push(AgentContactChanged { agent_id, fields: change.contact_fields }.into());
    }
    if change.password {
        events.push(AgentPasswordChanged { agent_id }.into());
    }
    Ok(events)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    pub(crate) fn terms() -> AgentTerms {
        let currency = Currency::parse("EUR").unwrap();
        AgentTerms {
            name: "O'Brien Telecom".to_owned(),
            permissions: vec![Permission::SignupUrls],
            remittance_threshold: Money::new(Decimal::from(100), currency).unwrap(),
            commission: Percent::parse("12.5").unwrap(),
            currency,
            language: "en".to_owned(),
            vat: Percent::default(),
        }
    }

    fn create() -> Command {
        Command::Create { agent_id: Uuid::nil(), terms: terms(), login_digest: String::new() }
    }

    fn grant(plan: u128) -> Command {
        Command::Grant { call_plans: vec![(Uuid::from_u128(plan), call_plan::CallPlanState::Offered)] }
    }

    fn after(commands: impl IntoIterator<Item = Command>) -> Agent {
        commands.into_iter().fold(Agent::Absent, |agent, command| {
            let events = Agent::decide(&agent, command).unwrap_or_default();
            events.iter().fold(agent, Agent::evolve)
        })
    }

    #[test]
    fn an_agent_without_a_permission_is_refused() {
        let terms = AgentTerms { permissions: Vec::new(), ..terms() };
        let create = Command::Create { agent_id: Uuid::nil(), terms, login_digest: String::new() };
        assert_eq!(Agent::decide(&Agent::Absent, create), Err(DomainError::NoPermission));
    }

    #[test]
    fn an_agent_may_sell_what_he_was_granted_until_it_is_withdrawn() {
        let agent = after([create(), grant(1), grant(2)]);
        assert!(agent.may_sell(Uuid::from_u128(1)));
        let withdraw = Command::Withdraw { call_plans: vec![(Uuid::from_u128(1), 0)], reason: None };
        assert!(!after([create(), grant(1), withdraw]).may_sell(Uuid::from_u128(1)));
    }

    #[test]
    fn granting_twice_is_already_so() {
        assert_eq!(Agent::decide(&after([create(), grant(1)]), grant(1)), Ok(Vec::new()));
    }

    #[test]
    fn a_retired_or_unknown_call_plan_cannot_be_granted() {
        let agent = after([create()]);
        for (call_plan, refusal) in [
            (call_plan::CallPlanState::Retired, DomainError::CallPlanRetired),
            (call_plan::CallPlanState::Absent, DomainError::CallPlanUnknown),
        ] {
            let call_plans = vec![(Uuid::from_u128(1), call_plan::CallPlanState::Offered), (Uuid::nil(), call_plan)];
            assert_eq!(Agent::decide(&agent, Command::Grant { call_plans }), Err(refusal));
        }
    }

    #[test]
    fn a_change_that_changes_nothing_causes_no_event() {
        assert_eq!(Agent::decide(&after([create()]), Command::Change(Change::default())), Ok(Vec::new()));
    }

    #[test]
    fn each_kind_of_change_is_an_event_of_its_own() {
        let change = Change {
            terms: TermsChange { name: Some("李小龙".to_owned()), ..TermsChange::default() },
            contact_fields: vec!["contact.email".to_owned()],
            password: true,
        };
        let events = Agent::decide(&after([create()]), Command::Change(change)).unwrap();
        assert!(matches!(
            events.as_slice(),
            [AgentsEvent::AgentChanged(_), AgentsEvent::AgentContactChanged(_), AgentsEvent::AgentPasswordChanged(_)]
        ));
    }

    #[test]
    fn a_suspended_agent_keeps_his_grants_and_comes_back() {
        let agent = after([create(), grant(1), Command::Suspend { reason: None }]);
        assert_eq!(agent.state(), AgentState::Suspended);
        assert!(agent.may_sell(Uuid::from_u128(1)));
        let events = Agent::decide(&agent, Command::Reinstate { reason: None }).unwrap();
        assert_eq!(events.iter().fold(agent, Agent::evolve).state(), AgentState::Active);
    }

    fn any_command() -> impl Strategy<Value = Command> {
        let reason = || Some("because".to_owned());
        prop_oneof![
            Just(create()),
            any::<bool>().prop_map(|password| Command::Change(Change { password, ..Change::default() })),
            Just(Command::Suspend { reason: reason() }),
            Just(Command::Reinstate { reason: reason() }),
            Just(Command::Close { reason: reason() }),
            (0_u128..4).prop_map(grant),
            (0_u128..4).prop_map(move |plan| Command::Withdraw {
                call_plans: vec![(Uuid::from_u128(plan), 1)],
                reason: reason(),
            }),
        ]
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds_and_nothing_follows_closing(
            commands in prop::collection::vec(any_command(), 0..40),
        ) {
            let (mut agent, mut history) = (Agent::Absent, Vec::new());
            for command in commands {
                let decided = Agent::decide(&agent, command);
                prop_assert!(agent.state() != AgentState::Closed || decided.is_err());
                let events = decided.unwrap_or_default();
                agent = events.iter().fold(agent, Agent::evolve);
                history.extend(events);
            }
            prop_assert_eq!(Agent::fold(&history), agent);
        }
    }
}
