//! An agent: a reseller with terms and grants. Of the login, the password and the contact details, the model only
//! knows that they changed.

use std::collections::BTreeMap;

use contract::commission::{CommissionTerms, Per};
use contract::decider::Decider;
use contract::events::agents::{
    AgentChanged, AgentClosed, AgentContactChanged, AgentCreated, AgentErased, AgentPasswordChanged, AgentReinstated,
    AgentSuspended, AgentTerms, AgentsEvent, CallPlanGranted,
};
use uuid::Uuid;

use crate::agents::terms_change::TermsChange;
use crate::domain_error::DomainError;

pub fn stream(agent_id: Uuid) -> String {
    format!("agent-{agent_id}")
}

/// The life stages of an agent. `Closed` is final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    #[default]
    Absent,
    Active(AgentStatus),
    Suspended(AgentStatus),
    Closed(AgentStatus),
}

/// An agent's terms and grants, and whether their personal data were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStatus {
    pub agent_id: Uuid,
    pub terms: AgentTerms,
    /// With the commission terms of their own.
    pub grants: BTreeMap<Uuid, Option<CommissionTerms>>,
    pub erased: bool,
}

/// The life stage without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    Absent,
    Active,
    Suspended,
    Closed,
}

#[derive(Clone, Debug)]
pub enum AgentCommand {
    /// With the call plans that the agent may sell from the start; all are on offer.
    Create {
        created: AgentCreated,
        call_plan_ids: Vec<Uuid>,
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
}

/// Changes of the terms and of the details.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub terms: TermsChange,
    /// Names of the changed contact and bank fields.
    pub contact_fields: Vec<String>,
    pub password: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentError {
    Unknown,
    Exists,
    Closed,
    NotClosed,
    NoPermission,
    SignupWithoutFlat,
}

impl From<AgentError> for DomainError {
    fn from(error: AgentError) -> Self {
        match error {
            AgentError::Unknown => Self::not_found("there is no such agent"),
            AgentError::Exists => Self::conflict("agent_exists", "there is an agent with this id already"),
            AgentError::Closed => Self::conflict("agent_closed", "the agent is closed for good"),
            AgentError::NotClosed => {
                Self::conflict("agent_not_closed", "the agent is not closed: close the agent first")
            }
            AgentError::NoPermission => Self::invalid_field(
                "permissions",
                "permission_required",
                "an agent needs at least one screen permission",
            ),
            AgentError::SignupWithoutFlat => Self::invalid_field(
                "commission.per",
                "needs_flat",
                "a signup has no amount, so it needs a flat commission",
            ),
        }
    }
}

impl Agent {
    pub fn state(&self) -> AgentState {
        match self {
            Self::Absent => AgentState::Absent,
            Self::Active(_) => AgentState::Active,
            Self::Suspended(_) => AgentState::Suspended,
            Self::Closed(_) => AgentState::Closed,
        }
    }

    pub fn may_sell(&self, call_plan_id: Uuid) -> bool {
        self.status_unless_closed().is_ok_and(|status| status.grants.contains_key(&call_plan_id))
    }

    /// The terms and grants, also of a closed agent.
    pub fn status(&self) -> Option<&AgentStatus> {
        match self {
            Self::Absent => None,
            Self::Active(status) | Self::Suspended(status) | Self::Closed(status) => Some(status),
        }
    }

    /// The terms and grants, unless the agent is closed.
    pub fn status_unless_closed(&self) -> Result<&AgentStatus, AgentError> {
        match self {
            Self::Absent => Err(AgentError::Unknown),
            Self::Active(status) | Self::Suspended(status) => Ok(status),
            Self::Closed(_) => Err(AgentError::Closed),
        }
    }

    /// The same agent with changed terms or grants.
    fn with(self, change: impl FnOnce(&mut AgentStatus)) -> Self {
        match self {
            Self::Active(mut status) => {
                change(&mut status);
                Self::Active(status)
            }
            Self::Suspended(mut status) => {
                change(&mut status);
                Self::Suspended(status)
            }
            other @ (Self::Absent | Self::Closed(_)) => other,
        }
    }
}

impl Decider for Agent {
    type State = Self;
    type Command = AgentCommand;
    type Event = AgentsEvent;
    type Error = AgentError;

    fn decide(state: &Self, command: AgentCommand) -> Result<Vec<AgentsEvent>, AgentError> {
        let command = match command {
            AgentCommand::Create { created, call_plan_ids } => return create(state, created, call_plan_ids),
            AgentCommand::Erase { reason } => return erase(state, reason),
            command => command,
        };
        let status = state.status_unless_closed()?;
        let agent_id = status.agent_id;
        let event = match (state, command) {
            (_, AgentCommand::Change(change)) => return change_of(status, change),
            (Self::Active(_), AgentCommand::Suspend { reason }) => {
                AgentSuspended { agent_id, reason: reason.into() }.into()
            }
            (Self::Suspended(_), AgentCommand::Reinstate { reason }) => {
                AgentReinstated { agent_id, reason: reason.into() }.into()
            }
            (_, AgentCommand::Close { reason }) => AgentClosed { agent_id, reason: reason.into() }.into(),
            (_, _) => return Ok(Vec::new()),
        };
        Ok(vec![event])
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (state, event) {
            (_, AgentsEvent::AgentCreated(AgentCreated { agent_id, terms, .. })) => {
                let (terms, grants) = (terms.clone(), BTreeMap::new());
                Self::Active(AgentStatus { agent_id: *agent_id, terms, grants, erased: false })
            }
            (Self::Active(status), AgentsEvent::AgentSuspended(_)) => Self::Suspended(status),
            (Self::Suspended(status), AgentsEvent::AgentReinstated(_)) => Self::Active(status),
            (Self::Active(status) | Self::Suspended(status), AgentsEvent::AgentClosed(_)) => Self::Closed(status),
            (Self::Closed(status), AgentsEvent::AgentErased(_)) => Self::Closed(AgentStatus { erased: true, ..status }),
            (state, AgentsEvent::AgentChanged(event)) => state.with(|status| status.terms = event.terms.clone()),
            (state, AgentsEvent::CallPlanGranted(event)) => {
                state.with(|status| status.grants.extend([(event.call_plan_id, None)]))
            }
            (state, AgentsEvent::GrantCommissionChanged(event)) => {
                state.with(|status| status.grants.extend([(event.call_plan_id, event.commission)]))
            }
            (state, AgentsEvent::CallPlanWithdrawn(event)) => {
                state.with(|status| status.grants.retain(|plan, _| *plan != event.call_plan_id))
            }
            (state, _) => state,
        }
    }
}

/// Whether terms can be kept.
fn check(terms: &AgentTerms) -> Result<(), AgentError> {
    let commission = terms.commission_terms;
    if terms.permissions.is_empty() {
        Err(AgentError::NoPermission)
    } else if commission.per == Per::Signup && commission.flat.is_none() {
        Err(AgentError::SignupWithoutFlat)
    } else {
        Ok(())
    }
}

fn create(state: &Agent, created: AgentCreated, call_plan_ids: Vec<Uuid>) -> Result<Vec<AgentsEvent>, AgentError> {
    match state {
        Agent::Absent => {
            check(&created.terms)?;
            let agent_id = created.agent_id;
            let granted = call_plan_ids.into_iter().map(|call_plan_id| CallPlanGranted { agent_id, call_plan_id });
            Ok(std::iter::once(created.into()).chain(granted.map(Into::into)).collect())
        }
        Agent::Closed(_) => Err(AgentError::Closed),
        Agent::Active(_) | Agent::Suspended(_) => Err(AgentError::Exists),
    }
}

/// Only a closed agent can be erased, and only once.
fn erase(state: &Agent, reason: Option<String>) -> Result<Vec<AgentsEvent>, AgentError> {
    match state {
        Agent::Absent => Err(AgentError::Unknown),
        Agent::Active(_) | Agent::Suspended(_) => Err(AgentError::NotClosed),
        Agent::Closed(status) if status.erased => Ok(Vec::new()),
        Agent::Closed(status) => Ok(vec![AgentErased { agent_id: status.agent_id, reason: reason.into() }.into()]),
    }
}

fn change_of(status: &AgentStatus, change: Change) -> Result<Vec<AgentsEvent>, AgentError> {
    let agent_id = status.agent_id;
    let terms = change.terms.over(&status.terms);
    check(&terms)?;
    let mut events = Vec::new();
    if terms != status.terms {
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
    use contract::events::agents::Permission;
    use contract::money::{Currency, Money, Percent};
    use contract::tax::VatKind;
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
            vat_kind: VatKind::default(),
            commission_terms: contract::commission::AgentCommission::default(),
            hold_days: None,
            remittance_thresholds: Vec::new(),
        }
    }

    fn creation(terms: AgentTerms) -> AgentCommand {
        let created = AgentCreated { agent_id: Uuid::nil(), terms, login_digest: String::new() };
        AgentCommand::Create { created, call_plan_ids: Vec::new() }
    }

    pub(crate) fn create() -> AgentCommand {
        creation(terms())
    }

    fn after(commands: impl IntoIterator<Item = AgentCommand>) -> Agent {
        commands.into_iter().fold(Agent::Absent, |agent, command| {
            let events = Agent::decide(&agent, command).unwrap_or_default();
            events.iter().fold(agent, Agent::evolve)
        })
    }

    #[test]
    fn an_agent_without_a_permission_is_refused() {
        let terms = AgentTerms { permissions: Vec::new(), ..terms() };
        assert_eq!(Agent::decide(&Agent::Absent, creation(terms)), Err(AgentError::NoPermission));
    }

    #[test]
    fn a_change_that_changes_nothing_causes_no_event() {
        assert_eq!(Agent::decide(&after([create()]), AgentCommand::Change(Change::default())), Ok(Vec::new()));
    }

    #[test]
    fn each_kind_of_change_is_an_event_of_its_own() {
        let change = Change {
            terms: TermsChange { name: Some("李小龙".to_owned()), ..TermsChange::default() },
            contact_fields: vec!["contact.email".to_owned()],
            password: true,
        };
        let events = Agent::decide(&after([create()]), AgentCommand::Change(change)).unwrap();
        assert!(matches!(
            events.as_slice(),
            [AgentsEvent::AgentChanged(_), AgentsEvent::AgentContactChanged(_), AgentsEvent::AgentPasswordChanged(_)]
        ));
    }

    #[test]
    fn only_a_closed_agent_is_erased_and_once() {
        let fold = |agent: Agent, command: AgentCommand| {
            Agent::decide(&agent, command).unwrap().iter().fold(agent, Agent::evolve)
        };
        let agent = fold(Agent::Absent, create());
        let erase = || AgentCommand::Erase { reason: Some("asked for".to_owned()) };
        assert_eq!(Agent::decide(&Agent::Absent, erase()), Err(AgentError::Unknown));
        assert_eq!(Agent::decide(&agent, erase()), Err(AgentError::NotClosed));
        let closed = fold(agent, AgentCommand::Close { reason: None });
        assert_eq!(Agent::decide(&closed, erase()).unwrap().len(), 1);
        let erased = fold(closed, erase());
        assert_eq!(Agent::decide(&erased, erase()), Ok(Vec::new()));
        assert_eq!(Agent::decide(&erased, AgentCommand::Close { reason: None }), Err(AgentError::Closed));
    }

    pub(crate) fn any_command() -> impl Strategy<Value = AgentCommand> {
        let reason = || Some("because".to_owned());
        prop_oneof![
            Just(create()),
            any::<bool>().prop_map(|password| AgentCommand::Change(Change { password, ..Change::default() })),
            Just(AgentCommand::Suspend { reason: reason() }),
            Just(AgentCommand::Reinstate { reason: reason() }),
            Just(AgentCommand::Close { reason: reason() }),
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
