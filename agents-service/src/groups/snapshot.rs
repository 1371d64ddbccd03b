use contract::events::agents::UiElement;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::groups::model::Group;
use crate::life::{Life, Times};

/// A customer group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct GroupSnapshot {
    pub id: Uuid,
    pub version: u64,
    #[serde(flatten)]
    pub times: Times,
    pub name: String,
    pub description: String,
    /// The agent that it belongs to.
    pub agent_id: Option<Uuid>,
    pub ui_elements: Vec<UiElement>,
}

impl GroupSnapshot {
    /// The group's state; `None` before its first event.
    pub fn of(group: &Group, life: Life) -> Option<Self> {
        let description = group.description()?.clone();
        let agent_id = group.owner().agent();
        Some(Self {
            id: description.group_id,
            version: life.version,
            times: life.times,
            name: description.name,
            description: description.description,
            agent_id,
            ui_elements: description.ui_elements,
        })
    }
}
