//! A call plan as answers show it.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::call_plans::model::{CallPlan, CallPlanState};
use crate::columns::states;

states! {
    /// A call plan's state.
    State { Offered = "offered", Retired = "retired", }
}

/// A call plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CallPlan")]
pub struct CallPlanSnapshot {
    pub id: Uuid,
    pub version: u64,
    pub name: String,
    pub description: String,
    pub price_text: String,
    pub state: State,
}

impl CallPlanSnapshot {
    /// A call plan out of its history; none before it begins.
    pub fn of(plan: &CallPlan, version: u64) -> Option<Self> {
        let wording = plan.wording()?.clone();
        let retired = plan.state() == CallPlanState::Retired;
        Some(Self {
            id: wording.call_plan_id,
            version,
            name: wording.name,
            description: wording.description,
            price_text: wording.price_text,
            state: if retired { State::Retired } else { State::Offered },
        })
    }
}
