//! An agent in responses, without personal data.

use contract::events::agents::Permission;
use contract::money::{Currency, Money, Percent};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::model::{Agent, AgentState};
use crate::columns::states;

states! {
    /// An agent's state.
    State { Active = "active", Suspended = "suspended", Closed = "closed", }
}

/// An agent, but for what is personal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub struct AgentSnapshot {
    pub id: Uuid,
    pub version: u64,
    pub name: String,
    pub state: State,
    pub permissions: Vec<Permission>,
    pub remittance_threshold: Money,
    pub commission_percent: Percent,
    pub currency: Currency,
    pub language: String,
    pub vat_percent: Percent,
    /// Whether everything personal was erased: the login, the details and the texts of messages.
    pub erased: bool,
}

impl AgentSnapshot {
    /// The agent's state; `None` before their first event.
    pub fn of(agent: &Agent, version: u64) -> Option<Self> {
        let state = match agent.state() {
            AgentState::Absent => return None,
            AgentState::Active => State::Active,
            AgentState::Suspended => State::Suspended,
            AgentState::Closed => State::Closed,
        };
        let status = agent.status()?.clone();
        let terms = status.terms;
        Some(Self {
            id: status.agent_id,
            version,
            name: terms.name,
            state,
            permissions: terms.permissions,
            remittance_threshold: terms.remittance_threshold,
            commission_percent: terms.commission,
            currency: terms.currency,
            language: terms.language,
            vat_percent: terms.vat,
            erased: status.erased,
        })
    }
}
