use contract::events::agents::CallPlanCreated;
use contract::ids::new_id;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{Caller, FieldErrors, Problem};

use crate::call_plans::commands;
use crate::call_plans::model::{CallPlan, CallPlanChange};
use crate::command::SimpleCommand;
use crate::commission::requests::{TERMS_SCOPE, TermsRequest, own};
use crate::fields::{Fields, LONG, NAME, Number, SHORT, nullable};

/// A call plan as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "CallPlanGiven")]
pub struct CallPlanRequest {
    #[schemars(required)]
    name: Option<String>,
    description: Option<String>,
    price_text: Option<String>,
    /// Commission on this plan's customers, in place of the agents'; null is the agents' again.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Number>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission_percent: Option<Option<Number>>,
    /// The same with more terms.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<TermsRequest>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission: Option<Option<TermsRequest>>,
}

impl CallPlanRequest {
    fn states_terms(&self) -> bool {
        self.commission_percent.is_some() || self.commission.is_some()
    }

    /// Refuses commission terms of a caller who may not state the terms of agents.
    pub fn check_terms(&self, caller: &Caller) -> Result<(), Problem> {
        if self.states_terms() { caller.require(TERMS_SCOPE) } else { Ok(()) }
    }

    pub fn creation(self, errors: FieldErrors) -> Result<SimpleCommand<CallPlan>, Problem> {
        let mut fields = Fields::new(errors);
        let commission = own(&mut fields, self.commission_percent, self.commission).flatten();
        let plan = CallPlanCreated {
            call_plan_id: new_id(),
            name: fields.required_text("name", self.name, NAME),
            description: fields.text("description", self.description, LONG).unwrap_or_default(),
            price_text: fields.text("price_text", self.price_text, SHORT).unwrap_or_default(),
            commission,
        };
        fields.finish()?;
        Ok(commands::create(plan))
    }

    pub fn change(self, errors: FieldErrors, call_plan_id: Uuid) -> Result<SimpleCommand<CallPlan>, Problem> {
        let mut fields = Fields::new(errors);
        let name = fields.text("name", self.name, NAME);
        let description = fields.text("description", self.description, LONG);
        let price_text = fields.text("price_text", self.price_text, SHORT);
        let commission = own(&mut fields, self.commission_percent, self.commission);
        fields.finish()?;
        Ok(commands::change(call_plan_id, CallPlanChange { name, description, price_text, commission }))
    }
}
