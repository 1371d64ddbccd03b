//! What new agents get where nothing else is stated.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::money::Percent;
use crate::permission::Permission;

/// The company's defaults for new agents. Agents that are there do not change with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentDefaults {
    /// Commission on payments received; absent is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commission_percent: Option<Percent>,
    /// Days until commission is earned; absent where the company's own count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_days: Option<u16>,
    /// The agent's language (BCP 47); empty is English.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Call plans that the agent may sell. Those that are not on offer when the agent is added are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub call_plan_ids: Vec<Uuid>,
    /// Screens of the portal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
}

impl AgentDefaults {
    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
