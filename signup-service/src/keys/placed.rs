use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::keys::model::KeyRow;

/// Where a customer was placed, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Placed {
    pub key: String,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
}

impl Placed {
    pub fn by(row: &KeyRow) -> Self {
        let offer = &row.offer;
        Self {
            key: row.key.to_string(),
            agent_id: offer.agent.id,
            call_plan_id: offer.plan.id,
            group_id: offer.group.id,
        }
    }
}
