//! An agent in responses, without personal data.

use contract::commission::AgentCommission;
use contract::events::agents::{AgentTerms, Permission};
use contract::money::{Currency, Money, Percent};
use contract::tax::{VatKind, VatTerms};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::model::{Agent, AgentState};
use crate::columns::states;
use crate::life::{Life, Times};

states! {
    /// An agent's state.
    #[schemars(rename = "AgentState")]
    State { Active = "active", Suspended = "suspended", Closed = "closed", }
}

/// An agent, but for what is personal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub struct AgentSnapshot {
    pub id: Uuid,
    pub version: u64,
    #[serde(flatten)]
    pub times: Times,
    pub name: String,
    pub state: State,
    pub permissions: Vec<Permission>,
    pub remittance_threshold: Money,
    /// One for each currency; the first is `remittance_threshold`.
    pub remittance_thresholds: Vec<Money>,
    pub commission_percent: Percent,
    /// Terms beside the percentage.
    pub commission: AgentCommission,
    /// Days until commission is earned; null where the company's own count.
    pub hold_days: Option<u16>,
    pub currency: Currency,
    pub language: String,
    /// The agent's own rate.
    pub vat_percent: Percent,
    pub vat_kind: VatKind,
    /// Whether everything personal was erased: the login, the details and the texts of messages.
    pub erased: bool,
}

impl AgentSnapshot {
    /// The agent's state; `None` before their first event.
    pub fn of(agent: &Agent, life: Life) -> Option<Self> {
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
            version: life.version,
            times: life.times,
            name: terms.name,
            state,
            permissions: terms.permissions,
            remittance_threshold: terms.remittance_threshold,
            remittance_thresholds: thresholds(terms.remittance_threshold, terms.remittance_thresholds),
            commission_percent: terms.commission,
            commission: terms.commission_terms,
            hold_days: terms.hold_days,
            currency: terms.currency,
            language: terms.language,
            vat_percent: terms.vat,
            vat_kind: terms.vat_kind,
            erased: status.erased,
        })
    }
}

/// The first threshold and those of further currencies.
pub fn thresholds(first: Money, further: Vec<Money>) -> Vec<Money> {
    std::iter::once(first).chain(further).collect()
}

/// An agent's terms of value-added tax.
pub fn vat_terms(terms: &AgentTerms) -> VatTerms {
    VatTerms { kind: terms.vat_kind, percent: terms.vat }
}
