//! What a new agent gets where the request leaves it out: the defaults of the settings, or the terms of another agent.

use contract::agent_defaults::AgentDefaults;
use contract::commission::AgentCommission;
use contract::money::Money;
use event_store::sql::{Database, SqlError};

use crate::agents::snapshot::AgentSnapshot;
use crate::settings;

#[derive(Clone, Debug, Default)]
pub struct Fallback {
    pub defaults: AgentDefaults,
    /// Terms beside the percentage.
    pub commission: AgentCommission,
    /// Thresholds of further currencies.
    pub thresholds: Vec<Money>,
}

impl Fallback {
    /// The defaults of the settings.
    pub async fn of_settings(database: &Database) -> Result<Self, SqlError> {
        Ok(Self { defaults: settings::queries::get(database).await?.new_agents, ..Self::default() })
    }

    /// What no form shows of another agent's terms. What a form shows is stated by the form, also where it is empty.
    pub fn beside_form(copied: Option<&AgentSnapshot>) -> Self {
        let thresholds = copied.map(|agent| agent.remittance_thresholds.clone()).unwrap_or_default();
        let commission = copied.map(|agent| agent.commission).unwrap_or_default();
        Self { commission, thresholds, ..Self::default() }
    }
}
