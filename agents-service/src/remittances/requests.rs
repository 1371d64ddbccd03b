use contract::events::remittances::PaymentMethod;
use contract::ids::new_id;
use contract::text::Rule;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::fields::{Amount, Fields, SHORT};
use crate::remittances::commands::{PayRemittance, RequestRemittance, Subject};

/// The rule of bank references.
const BANK_REFERENCE: Rule = Rule::line(1, 64);

/// What is to be paid out.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "RemittanceGiven")]
pub struct RemittanceRequest {
    #[schemars(required)]
    pub agent_id: Option<Uuid>,
    /// Without value-added tax.
    #[schemars(required)]
    pub amount: Option<Amount>,
}

/// How a remittance was paid.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PayoutGiven")]
pub struct PayoutRequest {
    #[schemars(required)]
    pub method: Option<PaymentMethod>,
    /// The bank's own, 1 to 64 characters. One reference pays one remittance.
    #[schemars(required)]
    pub bank_reference: Option<String>,
}

/// Why something is not paid, in the operator's own words, which the agent sees. They are kept beside the log.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ReasonRequired")]
pub struct ReasonRequest {
    #[schemars(required)]
    pub reason: Option<String>,
}

impl RemittanceRequest {
    pub fn requesting(self, errors: FieldErrors) -> Result<RequestRemittance, Problem> {
        let mut fields = Fields::new(errors);
        let agent_id = fields.required("agent_id", self.agent_id).unwrap_or_default();
        fields.required("amount", self.amount.as_ref());
        let amount = fields.amount("amount", self.amount);
        fields.finish()?;
        let amount = amount.ok_or_else(Problem::internal)?;
        Ok(RequestRemittance { remittance_id: new_id(), agent_id, amount, by_agent: false })
    }
}

impl PayoutRequest {
    pub fn paying(self, errors: FieldErrors, subject: Subject, actor: String) -> Result<PayRemittance, Problem> {
        let mut fields = Fields::new(errors);
        let method = fields.required("method", self.method);
        let bank_reference = fields.required_trimmed("bank_reference", self.bank_reference, BANK_REFERENCE);
        fields.finish()?;
        let method = method.ok_or_else(Problem::internal)?;
        Ok(PayRemittance { subject, method, bank_reference, actor })
    }
}

impl ReasonRequest {
    pub fn check(self, errors: FieldErrors) -> Result<String, Problem> {
        let mut fields = Fields::new(errors);
        let reason = fields.required_trimmed("reason", self.reason, Rule::line(1, SHORT.max));
        fields.finish()?;
        Ok(reason)
    }
}
