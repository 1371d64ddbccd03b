//! Which call plans an agent may sell: granting and withdrawing several at once.

use contract::events::agents::{AgentsEvent, CallPlanGranted, CallPlanWithdrawn};
use uuid::Uuid;

use super::agent::{AgentStatus, DomainError};
use super::call_plan;

/// Grants all of these call plans, or none where one of them cannot be.
pub(super) fn grant(
    standing: &AgentStatus,
    call_plans: Vec<(Uuid, call_plan::CallPlanState)>,
) -> Result<Vec<AgentsEvent>, DomainError> {
    let agent_id = standing.agent_id;
    let new = call_plans.into_iter().filter(|(call_plan_id, _)| !standing.grants.contains(call_plan_id));
    let events = new.map(|(call_plan_id, state)| match state {
        call_plan::CallPlanState::Absent => Err(DomainError::CallPlanUnknown),
        call_plan::CallPlanState::Retired => Err(DomainError::CallPlanRetired),
        call_plan::CallPlanState::Offered => Ok(CallPlanGranted { agent_id, call_plan_id }.into()),
    });
    events.collect()
}

/// Withdraws those of these call plans that are granted, each with the live keys that stop.
pub(super) fn withdraw(
    standing: &AgentStatus,
    call_plans: Vec<(Uuid, u64)>,
    reason: Option<&String>,
) -> Vec<AgentsEvent> {
    let agent_id = standing.agent_id;
    let granted = call_plans.into_iter().filter(|(call_plan_id, _)| standing.grants.contains(call_plan_id));
    let withdrawn = granted.map(|(call_plan_id, keys_stopped)| {
        CallPlanWithdrawn { agent_id, call_plan_id, reason: reason.cloned(), keys_stopped }.into()
    });
    withdrawn.collect()
}
