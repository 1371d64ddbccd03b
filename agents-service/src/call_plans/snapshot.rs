use contract::commission::CommissionTerms;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::call_plans::model::{CallPlan, CallPlanState};
use crate::columns::states;
use crate::life::{Life, Times};

states! {
    /// A call plan's state.
    #[schemars(rename = "CallPlanState")]
    State { Offered = "offered", Retired = "retired", }
}

/// A call plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CallPlan")]
pub struct CallPlanSnapshot {
    pub id: Uuid,
    pub version: u64,
    #[serde(flatten)]
    pub times: Times,
    pub name: String,
    pub description: String,
    pub price_text: String,
    /// Commission terms of its own.
    pub commission: Option<CommissionTerms>,
    pub state: State,
}

impl CallPlanSnapshot {
    /// The call plan's state; `None` before its first event.
    pub fn of(plan: &CallPlan, life: Life) -> Option<Self> {
        let details = plan.details()?.clone();
        let retired = plan.state() == CallPlanState::Retired;
        Some(Self {
            id: details.call_plan_id,
            version: life.version,
            times: life.times,
            name: details.name,
            description: details.description,
            price_text: details.price_text,
            commission: details.commission,
            state: if retired { State::Retired } else { State::Offered },
        })
    }
}
