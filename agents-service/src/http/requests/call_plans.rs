//! A call plan as a client describes it, in JSON or in a form. Knows no page and no route.

use contract::events::agents::CallPlanCreated;
use contract::ids::new_id;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::commands::{self, call_plans::Request};
use crate::domain::call_plan::Command;
use crate::http::fields::{Fields, LONG, NAME, SHORT};

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
    /// The request to create a call plan.
    pub fn creation(self, errors: FieldErrors) -> Result<commands::Request, Problem> {
        let mut fields = Fields::new(errors);
        let call_plan_id = new_id();
        let command = Command::Create(CallPlanCreated {
            call_plan_id,
            name: fields.required_text("name", self.name, NAME),
            description: fields.text("description", self.description, LONG).unwrap_or_default(),
            price_text: fields.text("price_text", self.price_text, SHORT).unwrap_or_default(),
        });
        fields.finish()?;
        Ok(commands::Request::CallPlan(Request { call_plan_id, version: None, command }))
    }

    /// The request to change a call plan, which must be at `version` if one is given.
    pub fn change(
        self,
        errors: FieldErrors,
        call_plan_id: Uuid,
        version: Option<u64>,
    ) -> Result<commands::Request, Problem> {
        let mut fields = Fields::new(errors);
        let command = Command::Change {
            name: fields.text("name", self.name, NAME),
            description: fields.text("description", self.description, LONG),
            price_text: fields.text("price_text", self.price_text, SHORT),
        };
        fields.finish()?;
        Ok(commands::Request::CallPlan(Request { call_plan_id, version, command }))
    }
}
