use contract::commission::CommissionTerms;
use schemars::JsonSchema;
use serde::Deserialize;
use web::http::{FieldErrors, Problem};

use crate::commission::requests::{TermsRequest, own};
use crate::fields::{Fields, Number, nullable};

/// The commission terms of a call plan for an agent.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "GrantGiven")]
pub struct GrantRequest {
    /// Commission on the customers of this plan and agent; null is the plan's or the agent's again.
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

impl GrantRequest {
    /// The terms; absent stays.
    pub fn check(self, errors: FieldErrors) -> Result<Option<Option<CommissionTerms>>, Problem> {
        let mut fields = Fields::new(errors);
        let commission = own(&mut fields, self.commission_percent, self.commission);
        fields.finish()?;
        Ok(commission)
    }
}
