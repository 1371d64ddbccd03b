use contract::events::agents::{GroupCreated, UiElement};
use contract::ids::new_id;
use contract::text::Rule;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::fields::{Fields, LONG, nullable, without_repetitions};
use crate::groups::commands::{ChangeGroup, CreateGroup};
use crate::groups::model::Change;

const NAME: Rule = Rule::line(3, 200);

/// A group as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "GroupGiven")]
pub struct GroupRequest {
    /// 3 or more characters.
    #[schemars(required)]
    name: Option<String>,
    description: Option<String>,
    /// The agent that it belongs to. Another one moves it, null releases it.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Uuid>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    agent_id: Option<Option<Uuid>>,
    /// What its customers see.
    ui_elements: Option<Vec<UiElement>>,
}

impl GroupRequest {
    pub fn creation(self, errors: FieldErrors) -> Result<CreateGroup, Problem> {
        let mut fields = Fields::new(errors);
        let description = GroupCreated {
            group_id: new_id(),
            name: fields.required_text("name", self.name, NAME),
            description: fields.text("description", self.description, LONG).unwrap_or_default(),
            ui_elements: without_repetitions(self.ui_elements.unwrap_or_default()),
        };
        fields.finish()?;
        Ok(CreateGroup { description, agent_id: self.agent_id.flatten() })
    }

    pub fn change(self, errors: FieldErrors, group_id: Uuid) -> Result<ChangeGroup, Problem> {
        let mut fields = Fields::new(errors);
        let change = Change {
            name: fields.text("name", self.name, NAME),
            description: fields.text("description", self.description, LONG),
            ui_elements: self.ui_elements.map(without_repetitions),
            assignee: None,
        };
        fields.finish()?;
        Ok(ChangeGroup { group_id, change, agent_id: self.agent_id })
    }
}
