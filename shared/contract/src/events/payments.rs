//! What happens to payments of customers and the commission on them. A payment's own reference makes its id, so that whoever
//! sends it, by whatever road, speaks of one payment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::events;
use crate::clock::Moment;
use crate::commission::{CommissionRule, NoCommission};
use crate::money::{Money, Percent};
use crate::note::Note;

/// Where a customer came from, as it was when they were placed: what figures are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// When the customer was placed.
    pub placed_at: Moment,
    /// The `utm_campaign` of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// ISO 3166-1 alpha-2, where the form asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// Who earns what by a payment: everything that the line of the ledger was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "ids say what they are; the rest is documented at the type")]
pub struct PaymentCommission {
    pub customer_id: Uuid,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub key: String,
    /// Absent of payments from before it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The terms that counted, frozen.
    pub rule: CommissionRule,
    /// Payments of the customer that were recorded before this one.
    pub payments_before: u64,
    /// Why the payment earns nothing, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_commission: Option<NoCommission>,
    /// The commission on what was left of the payment.
    pub amount: Money,
    /// When the commission is earned. Reversals of it are due at the same time.
    pub due_at: Moment,
}

/// Commission that a reversal took from an agent, or that a won dispute gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "ids say what they are; the rest is documented at the type")]
pub struct CommissionMoved {
    pub agent_id: Uuid,
    pub amount: Money,
    /// As of the payment's commission.
    pub due_at: Moment,
}

/// What takes a payment back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReversalKind {
    /// The company gave money back.
    Refund,
    /// The customer's bank took money back.
    Chargeback,
}

/// Why a reversal that came before its payment could not be applied to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotApplied {
    /// It is more than the payment, or than what is left of it.
    TooMuch,
    /// It is in another currency.
    OtherCurrency,
}

/// Whether a correction gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The agent has more.
    Credit,
    /// The agent has less.
    Debit,
}

/// How a payment names its customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentCustomer {
    /// By id.
    CustomerId(Uuid),
    /// By number.
    CustomerNumber(String),
}

events! {
    /// A payment was received from a customer.
    PaymentReceived {
        payment_id: Uuid, reference: String,
        /// With value-added tax.
        amount: Money,
        /// Without value-added tax; absent where the payment did not say, and then the amount is the base.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<Money>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vat_percent: Option<Percent>,
        received_at: Moment,
        /// The customer, as whoever reported the payment named them.
        customer: PaymentCustomer,
        /// Absent where the customer was unknown or erased.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commission: Option<PaymentCommission>,
    }
    /// A payment of an unknown customer was found to be of this one.
    PaymentAttributed {
        payment_id: Uuid, reference: String, commission: PaymentCommission,
        /// Absent where the customer was placed after the payment was recorded.
        #[serde(rename = "has_reason")]
        reason: Note,
    }
    /// A part of a payment, or all of it, was refunded or charged back.
    PaymentReversed {
        payment_id: Uuid, reference: String, kind: ReversalKind,
        /// The refund's or the chargeback's own.
        reversal_reference: String,
        amount: Money,
        /// The part of the amount without value-added tax.
        net: Money,
        /// What was taken back; absent while nobody earns by the payment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commission: Option<CommissionMoved>,
        #[serde(rename = "has_reason")]
        reason: Note,
    }
    /// A refund or chargeback came before its payment, and waits for it.
    ReversalHeld {
        payment_id: Uuid, reference: String, kind: ReversalKind, reversal_reference: String,
        /// Absent for a chargeback of all that is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        net: Option<Money>,
        #[serde(rename = "has_reason")]
        reason: Note,
    }
    /// A refund or chargeback that waited cannot be applied to its payment; an operator looks into it.
    ReversalNotApplied {
        payment_id: Uuid, reference: String, kind: ReversalKind, reversal_reference: String, reason: NotApplied,
    }
    /// A chargeback was decided for the company: what it took back is given back.
    ChargebackWon {
        payment_id: Uuid, reference: String, reversal_reference: String, amount: Money, net: Money,
        /// What was given back, exactly what the chargeback took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commission: Option<CommissionMoved>,
    }
    /// A placement earns its agent a fixed amount, once, whatever the customer pays.
    SignupCommissionEarned {
        customer_id: Uuid, agent_id: Uuid, call_plan_id: Uuid, group_id: Uuid, key: String,
        /// Absent of signups from before it was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
        /// The terms that counted, frozen.
        rule: CommissionRule,
        amount: Money,
        /// When it is earned.
        due_at: Moment,
    }
    /// An operator gave an agent an amount, or took it: an opening balance, or a correction.
    BalanceCorrected {
        correction_id: Uuid, agent_id: Uuid, direction: Direction, amount: Money,
        /// Why, in the operator's own words.
        #[serde(rename = "has_reason")]
        reason: Note,
    }
}
