//! Commission on payments received: the terms that the operator states, and the rule that a line of the ledger was made by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Money, Percent};

/// How much commission is: a percentage such as "12.5", or an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Rate {
    /// A part of the base.
    Percent(Percent),
    /// A fixed amount. It applies to payments in its currency only.
    Flat(Money),
}

/// What commission is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each payment received.
    #[default]
    Payment,
    /// The placement of the customer, once.
    Signup,
}

/// Which amount of a payment a percentage is taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Without value-added tax, where the payment says how much that is.
    #[default]
    Net,
    /// With value-added tax.
    Gross,
}

/// Which terms count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateAt {
    /// Those in force when the customer was placed.
    #[default]
    Placement,
    /// Those in force when the payment was received.
    Payment,
}

/// For how long payments of a customer earn commission. Without any limit: for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first payments of the customer, also those that were refunded later. 1 is "once".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub payments: Option<u32>,
    /// Calendar months from the placement, to the end of the last day in the company's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_200))]
    pub months: Option<u32>,
}

/// Commission terms of a signup key, a grant or a call plan. What is absent is taken from the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each type says what it is")]
pub struct CommissionTerms {
    pub rate: Rate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

/// Commission terms of an agent, beside the percentage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "each type says what it is")]
pub struct AgentCommission {
    /// A fixed amount in place of the percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flat: Option<Money>,
    pub per: Per,
    pub base: Base,
    pub window: Window,
    pub rate_at: RateAt,
}

impl AgentCommission {
    /// Whether nothing is stated beside the percentage.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a rate comes from, in the order in which they are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// The signup key that the customer was placed through.
    SignupKey,
    /// The call plan for this agent.
    Grant,
    /// The call plan.
    CallPlan,
    /// The agent.
    Agent,
}

/// What a line of the ledger was made by: frozen when the line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each type says what it is")]
pub struct CommissionRule {
    pub source: RateSource,
    pub rate: Rate,
    pub per: Per,
    pub base: Base,
    pub window: Window,
    pub rate_at: RateAt,
}

/// Why a payment earns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoCommission {
    /// The flat amount is in another currency.
    OtherCurrency,
    /// The rule pays for the signup, not for payments.
    PerSignup,
    /// The customer's first payments, as many as the rule names, were before.
    PaymentsOver,
    /// The payment was received after the months that the rule names.
    MonthsOver,
}
