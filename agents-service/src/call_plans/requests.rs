use contract::events::agents::CallPlanCreated;
use contract::ids::new_id;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::call_plans::commands;
use crate::call_plans::model::CallPlan;
use crate::command::SimpleCommand;
use crate::fields::{Fields, LONG, NAME, SHORT};

/// A call plan as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "CallPlanGiven")]
pub struct CallPlanRequest {
    name: Option<String>,
    description: Option<String>,
    price_text: Option<String>,
}

impl CallPlanRequest {
    pub fn creation(self, errors: FieldErrors) -> Result<SimpleCommand<CallPlan>, Problem> {
        let mut fields = Fields::new(errors);
        let plan = CallPlanCreated {
            call_plan_id: new_id(),
            name: fields.required_text("name", self.name, NAME),
            description: fields.text("description", self.description, LONG).unwrap_or_default(),
            price_text: fields.text("price_text", self.price_text, SHORT).unwrap_or_default(),
        };
        fields.finish()?;
        Ok(commands::create(plan))
    }

    pub fn change(self, errors: FieldErrors, call_plan_id: Uuid) -> Result<SimpleCommand<CallPlan>, Problem> {
        let mut fields = Fields::new(errors);
        let name = fields.text("name", self.name, NAME);
        let description = fields.text("description", self.description, LONG);
        let price_text = fields.text("price_text", self.price_text, SHORT);
        fields.finish()?;
        Ok(commands::change(call_plan_id, name, description, price_text))
    }
}
