//! Whether a signup key may be used now: one pure function for both services, so that a key's pages and its visitors
//! get the same result.

use crate::clock::Moment;
use crate::events::signups::RefusalReason;

/// The life of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the domain")]
pub enum KeyState {
    Active,
    Paused,
    Revoked,
}

/// The life of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the domain")]
pub enum AgentState {
    Active,
    Suspended,
    Closed,
}

/// Everything that decides whether a key can be used, except for the number of its placements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Of the key itself.
    pub state: KeyState,
    /// The key is usable from this moment on.
    pub starts_at: Option<Moment>,
    /// The key is usable until just before this moment.
    pub ends_at: Option<Moment>,
    /// The most placements of the key.
    pub cap: Option<u64>,
    /// Of the key's agent.
    pub agent: AgentState,
    /// The call plan is retired.
    pub plan_retired: bool,
    /// The agent may sell the call plan.
    pub granted: bool,
    /// The key's group belongs to the key's agent.
    pub group_is_agents: bool,
}

/// The first reason, in the domain's order, why the key cannot be used after `placed` placements; `None` when it can
/// be.
pub fn unusable(facts: &KeyFacts, placed: u64, now: Moment) -> Option<RefusalReason> {
    use RefusalReason as Reason;
    Some(match facts {
        _ if facts.state == KeyState::Revoked => Reason::Revoked,
        _ if facts.state == KeyState::Paused => Reason::Paused,
        _ if facts.starts_at.is_some_and(|start| now < start) => Reason::NotStarted,
        _ if facts.ends_at.is_some_and(|end| now >= end) => Reason::Ended,
        _ if facts.cap.is_some_and(|cap| placed >= cap) => Reason::Exhausted,
        _ if facts.agent == AgentState::Suspended => Reason::AgentSuspended,
        _ if facts.agent == AgentState::Closed => Reason::AgentClosed,
        _ if facts.plan_retired => Reason::PlanRetired,
        _ if !facts.granted => Reason::GrantWithdrawn,
        _ if !facts.group_is_agents => Reason::GroupNotAgents,
        _ => return None,
    })
}
