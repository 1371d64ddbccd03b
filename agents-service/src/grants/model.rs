use contract::commission::CommissionTerms;
use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, CallPlanGranted, CallPlanWithdrawn, GrantCommissionChanged};
use uuid::Uuid;

use crate::agents::model::{Agent, AgentError, AgentStatus};
use crate::call_plans::model::CallPlanState;
use crate::domain_error::DomainError;

/// Decides the grants of an agent, which are a part of the agent's history.
pub struct Grants;

#[derive(Clone, Debug)]
pub enum GrantCommand {
    /// All of them or none.
    Grant {
        call_plans: Vec<(Uuid, CallPlanState)>,
        /// Their commission terms: absent stays, `Some(None)` is none.
        commission: Option<Option<CommissionTerms>>,
    },
    /// Each with its number of live keys, which stop.
    Withdraw { call_plans: Vec<(Uuid, u64)>, reason: Option<String> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantError {
    Agent(AgentError),
    CallPlanUnknown,
    CallPlanRetired,
}

impl From<AgentError> for GrantError {
    fn from(error: AgentError) -> Self {
        Self::Agent(error)
    }
}

impl From<GrantError> for DomainError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Agent(error) => error.into(),
            GrantError::CallPlanUnknown => Self::not_found("there is no such call plan"),
            GrantError::CallPlanRetired => Self::conflict("plan_retired", "the call plan is retired"),
        }
    }
}

impl Decider for Grants {
    type State = Agent;
    type Command = GrantCommand;
    type Event = AgentsEvent;
    type Error = GrantError;

    fn decide(agent: &Agent, command: GrantCommand) -> Result<Vec<AgentsEvent>, GrantError> {
        let status = agent.status_unless_closed()?;
        match command {
            GrantCommand::Grant { call_plans, commission } => grant(status, call_plans, commission),
            GrantCommand::Withdraw { call_plans, reason } => Ok(withdraw(status, call_plans, reason.as_ref())),
        }
    }

    fn evolve(agent: Agent, event: &AgentsEvent) -> Agent {
        Agent::evolve(agent, event)
    }
}

/// Grants all of these call plans, or none if one of them cannot be granted.
#[expect(clippy::option_option, reason = "absent and none differ here")]
fn grant(
    status: &AgentStatus,
    call_plans: Vec<(Uuid, CallPlanState)>,
    commission: Option<Option<CommissionTerms>>,
) -> Result<Vec<AgentsEvent>, GrantError> {
    let agent_id = status.agent_id;
    let mut events = Vec::new();
    for (call_plan_id, state) in call_plans {
        let known = status.grants.get(&call_plan_id);
        match state {
            _ if known.is_some() => {}
            CallPlanState::Absent => return Err(GrantError::CallPlanUnknown),
            CallPlanState::Retired => return Err(GrantError::CallPlanRetired),
            CallPlanState::Offered => events.push(CallPlanGranted { agent_id, call_plan_id }.into()),
        }
        let terms = known.copied().flatten();
        if let Some(commission) = commission.filter(|commission| *commission != terms) {
            events.push(GrantCommissionChanged { agent_id, call_plan_id, commission }.into());
        }
    }
    Ok(events)
}

/// Withdraws those of these call plans that are granted, each with its number of live keys.
fn withdraw(status: &AgentStatus, call_plans: Vec<(Uuid, u64)>, reason: Option<&String>) -> Vec<AgentsEvent> {
    let agent_id = status.agent_id;
    let granted = call_plans.into_iter().filter(|(call_plan_id, _)| status.grants.contains_key(call_plan_id));
    let withdrawn = granted.map(|(call_plan_id, keys_stopped)| {
        CallPlanWithdrawn { agent_id, call_plan_id, reason: reason.cloned().into(), keys_stopped }.into()
    });
    withdrawn.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::agents::model::AgentCommand;
    use crate::agents::model::AgentState;
    use crate::agents::model::tests::any_command;
    use crate::agents::model::tests::create;

    /// The commands of the property test.
    #[derive(Clone, Debug)]
    enum Step {
        Agent(AgentCommand),
        Grants(GrantCommand),
    }

    fn decide(agent: &Agent, step: Step) -> Result<Vec<AgentsEvent>, GrantError> {
        match step {
            Step::Agent(command) => Ok(Agent::decide(agent, command)?),
            Step::Grants(command) => Grants::decide(agent, command),
        }
    }

    fn grant(plan: u128) -> Step {
        let call_plans = vec![(Uuid::from_u128(plan), CallPlanState::Offered)];
        Step::Grants(GrantCommand::Grant { call_plans, commission: None })
    }

    fn withdraw(plan: u128) -> Step {
        Step::Grants(GrantCommand::Withdraw { call_plans: vec![(Uuid::from_u128(plan), 0)], reason: None })
    }

    fn after(steps: impl IntoIterator<Item = Step>) -> Agent {
        steps.into_iter().fold(Agent::Absent, |agent, step| {
            let events = decide(&agent, step).unwrap_or_default();
            events.iter().fold(agent, Agent::evolve)
        })
    }

    fn created() -> Step {
        Step::Agent(create())
    }

    #[test]
    fn an_agent_may_sell_what_they_were_granted_until_it_is_withdrawn() {
        let agent = after([created(), grant(1), grant(2)]);
        assert!(agent.may_sell(Uuid::from_u128(1)));
        assert!(!after([created(), grant(1), withdraw(1)]).may_sell(Uuid::from_u128(1)));
    }

    #[test]
    fn granting_twice_is_already_so() {
        assert_eq!(decide(&after([created(), grant(1)]), grant(1)), Ok(Vec::new()));
    }

    #[test]
    fn a_retired_or_unknown_call_plan_cannot_be_granted() {
        let agent = after([created()]);
        for (state, refusal) in [
            (CallPlanState::Retired, GrantError::CallPlanRetired),
            (CallPlanState::Absent, GrantError::CallPlanUnknown),
        ] {
            let call_plans = vec![(Uuid::from_u128(1), CallPlanState::Offered), (Uuid::nil(), state)];
            assert_eq!(Grants::decide(&agent, GrantCommand::Grant { call_plans, commission: None }), Err(refusal));
        }
    }

    #[test]
    fn a_suspended_agent_keeps_their_grants_and_comes_back() {
        let agent = after([created(), grant(1), Step::Agent(AgentCommand::Suspend { reason: None })]);
        assert_eq!(agent.state(), AgentState::Suspended);
        assert!(agent.may_sell(Uuid::from_u128(1)));
        let events = Agent::decide(&agent, AgentCommand::Reinstate { reason: None }).unwrap();
        assert_eq!(events.iter().fold(agent, Agent::evolve).state(), AgentState::Active);
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds_and_nothing_follows_closing(
            steps in prop::collection::vec(
                prop_oneof![
                    any_command().prop_map(Step::Agent),
                    (0_u128..4).prop_map(grant),
                    (0_u128..4).prop_map(withdraw),
                ],
                0..40,
            ),
        ) {
            let (mut agent, mut history) = (Agent::Absent, Vec::new());
            for step in steps {
                let decided = decide(&agent, step);
                prop_assert!(agent.state() != AgentState::Closed || decided.is_err());
                let events = decided.unwrap_or_default();
                agent = events.iter().fold(agent, Agent::evolve);
                history.extend(events);
            }
            prop_assert_eq!(Agent::fold(&history), agent);
        }
    }
}
