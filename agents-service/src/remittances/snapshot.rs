use contract::events::remittances::Balance;
use contract::money::Money;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::states;
use crate::life::Life;
use crate::remittances::model::{Remittance, RemittanceState};

states! {
    /// A remittance's state.
    #[schemars(rename = "RemittanceState")]
    State {
        Requested = "requested",
        Approved = "approved",
        Refused = "refused",
        Cancelled = "cancelled",
        Paid = "paid",
        Returned = "returned",
    }
}

/// A remittance.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Remittance")]
pub struct RemittanceSnapshot {
    pub id: Uuid,
    pub version: u64,
    pub agent_id: Uuid,
    /// Without value-added tax.
    pub amount: Money,
    pub state: State,
    /// What the agent had when it was requested.
    pub balance_at_request: Balance,
    /// Who approved it.
    pub approver: Option<String>,
    /// Value-added tax that was paid with it.
    pub vat: Option<Money>,
}

impl RemittanceSnapshot {
    /// The remittance's state; `None` before its first event.
    pub fn of(remittance: &Remittance, life: Life) -> Option<Self> {
        let request = remittance.request.as_ref()?;
        let state = match remittance.state {
            RemittanceState::Absent => return None,
            RemittanceState::Requested => State::Requested,
            RemittanceState::Approved => State::Approved,
            RemittanceState::Refused => State::Refused,
            RemittanceState::Cancelled => State::Cancelled,
            RemittanceState::Paid => State::Paid,
            RemittanceState::Returned => State::Returned,
        };
        Some(Self {
            id: request.remittance_id,
            version: life.version,
            agent_id: request.agent_id,
            amount: request.amount,
            state,
            balance_at_request: request.balance,
            approver: remittance.approver.clone(),
            vat: remittance.vat,
        })
    }
}
