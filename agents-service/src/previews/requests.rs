//! Other terms and a period, as a client describes them.

use contract::clock::Moment;
use contract::zone::{EXPECTED, Zone};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::commission::preview::Change;
use crate::commission::requests::{AnyTermsRequest, own};
use crate::fields::{Fields, Number, nullable};
use crate::previews::queries::Preview;

/// Other commission terms of an agent, of a call plan, of a call plan for an agent, or of a signup key; and the payments and signups
/// that they are tried on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "CommissionPreviewGiven")]
pub struct PreviewRequest {
    /// Whose terms are others; with `call_plan_id`, those of the plan for this agent.
    agent_id: Option<Uuid>,
    call_plan_id: Option<Uuid>,
    key: Option<String>,
    /// As the PATCH of the agent, the plan or the key takes it; null is none of their own.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Number>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission_percent: Option<Option<Number>>,
    /// The same with more terms. An agent takes `commission_percent` beside it.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<AnyTermsRequest>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission: Option<Option<AnyTermsRequest>>,
    /// Only payments received and customers placed at this time or later: RFC 3339; or a day, from its beginning in the company's time zone.
    #[schemars(required)]
    since: Option<String>,
    /// Only payments received and customers placed before this time: RFC 3339; or a day, to its end in the company's time zone.
    #[schemars(required)]
    until: Option<String>,
}

impl PreviewRequest {
    /// The request for an agent's terms.
    #[must_use]
    pub fn of_agent(self, agent_id: Uuid) -> Self {
        Self { agent_id: Some(agent_id), ..self }
    }

    pub fn check(self, errors: FieldErrors, zone: &Zone) -> Result<Preview, Problem> {
        let mut fields = Fields::new(errors);
        let since = moment(&mut fields, "since", self.since.clone(), |text| zone.start(text));
        let until = moment(&mut fields, "until", self.until.clone(), |text| zone.end(text));
        if since.zip(until).is_some_and(|(since, until)| until <= since) {
            fields.error("until", "ends_before_start", "must be after since");
        }
        if self.commission_percent.is_none() && self.commission.is_none() {
            fields.required::<()>("commission_percent", None);
        }
        let change = self.change(&mut fields);
        fields.finish()?;
        match (change, since, until) {
            (Some(change), Some(since), Some(until)) => Ok(Preview { change, since, until }),
            _ => Err(Problem::internal()),
        }
    }

    fn change(self, fields: &mut Fields) -> Option<Change> {
        match (self.agent_id, self.call_plan_id, self.key) {
            (Some(agent_id), None, None) => {
                let percent = fields.percent("commission_percent", self.commission_percent.flatten());
                let terms = self.commission.flatten().unwrap_or_default().of_agent(fields).check(fields);
                Some(Change::Agent { agent_id, percent, terms })
            }
            (agent_id, call_plan_id, key) => {
                let commission =
                    self.commission.map(|commission| commission.map(|commission| commission.of_other(fields)));
                let terms = own(fields, self.commission_percent, commission).flatten();
                match (agent_id, call_plan_id, key) {
                    (Some(agent_id), Some(call_plan_id), None) => Some(Change::Grant { agent_id, call_plan_id, terms }),
                    (None, Some(call_plan_id), None) => Some(Change::CallPlan { call_plan_id, terms }),
                    (None, None, Some(key)) => Some(Change::SignupKey { key, terms }),
                    (None, None, None) => fields.required("agent_id", None),
                    _ => {
                        fields.error("key", "ambiguous", "name a key alone, without an agent or a call plan");
                        None
                    }
                }
            }
        }
    }
}

fn moment(
    fields: &mut Fields,
    name: &str,
    value: Option<String>,
    meant: impl Fn(&str) -> Option<Moment>,
) -> Option<Moment> {
    let moment = meant(fields.required(name, value)?.trim());
    if moment.is_none() {
        fields.error(name, "invalid", EXPECTED);
    }
    moment
}
