//! The defaults for new agents: a part of the settings of its own.

use contract::agent_defaults::AgentDefaults;
use contract::events::agents::Permission;
use contract::money::Percent;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::commission::requests::MAX_HOLD_DAYS;
use crate::fields::{Fields, Number, nullable, without_repetitions};

/// Most call plans of the defaults.
const MAX_CALL_PLANS: usize = 200;

/// What new agents get where nothing else is stated; what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AgentDefaultsGiven")]
pub struct AgentDefaultsRequest {
    /// 0 to 100, with at most two decimals; null is none.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Number>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission_percent: Option<Option<Number>>,
    /// Days until commission is earned; null is the company's own.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<u16>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    hold_days: Option<Option<u16>>,
    /// A language tag such as `en`; empty is English.
    language: Option<String>,
    /// Call plans that a new agent may sell; given whole.
    call_plan_ids: Option<Vec<Uuid>>,
    /// Screens of the portal; given whole.
    permissions: Option<Vec<Permission>>,
}

/// Changes; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct AgentDefaultsChange {
    pub commission_percent: Option<Option<Percent>>,
    pub hold_days: Option<Option<u16>>,
    pub language: Option<String>,
    pub call_plan_ids: Option<Vec<Uuid>>,
    pub permissions: Option<Vec<Permission>>,
}

impl AgentDefaultsRequest {
    pub fn check(self, fields: &mut Fields) -> AgentDefaultsChange {
        let commission_percent = self
            .commission_percent
            .map(|percent| percent.and_then(|percent| fields.percent("new_agents.commission_percent", Some(percent))));
        if self.hold_days.flatten().is_some_and(|days| days > MAX_HOLD_DAYS) {
            let message = format!("must be 0 to {MAX_HOLD_DAYS}");
            fields.error("new_agents.hold_days", "out_of_range", message);
        }
        let language = match self.language {
            Some(tag) if tag.trim().is_empty() => Some(String::new()),
            tag => fields.language("new_agents.language", tag),
        };
        if self.call_plan_ids.as_ref().is_some_and(|ids| ids.len() > MAX_CALL_PLANS) {
            let message = format!("must be at most {MAX_CALL_PLANS}");
            fields.error("new_agents.call_plan_ids", "too_many", message);
        }
        AgentDefaultsChange {
            commission_percent,
            hold_days: self.hold_days,
            language,
            call_plan_ids: self.call_plan_ids.map(without_repetitions),
            permissions: self.permissions.map(without_repetitions),
        }
    }
}

impl AgentDefaultsChange {
    pub fn over(self, old: AgentDefaults) -> AgentDefaults {
        AgentDefaults {
            commission_percent: self.commission_percent.unwrap_or(old.commission_percent),
            hold_days: self.hold_days.unwrap_or(old.hold_days),
            language: self.language.unwrap_or(old.language),
            call_plan_ids: self.call_plan_ids.unwrap_or(old.call_plan_ids),
            permissions: self.permissions.unwrap_or(old.permissions),
        }
    }
}
