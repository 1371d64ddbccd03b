//! Who earns by a payment, and how much: the terms that count are found once, when the payment is recorded or attributed.

use contract::clock::Moment;
use contract::commission::{CommissionRule, NoCommission};
use contract::events::payments::{Origin, PaymentCommission};
use contract::money::{Money, MoneyError};
use uuid::Uuid;

use crate::commission::share::{self, Amounts};

/// Who earns by a payment, and by which terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Earner {
    pub customer_id: Uuid,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub key: String,
    pub origin: Option<Origin>,
    pub rule: CommissionRule,
    pub payments_before: u64,
    pub no_commission: Option<NoCommission>,
    pub due_at: Moment,
}

impl Earner {
    /// The commission on what is left of a payment.
    pub(super) fn earns(self, whole: Amounts, left: Amounts) -> Result<PaymentCommission, MoneyError> {
        let amount = earned(&self.rule, self.no_commission, whole, left)?;
        Ok(PaymentCommission {
            customer_id: self.customer_id,
            agent_id: self.agent_id,
            call_plan_id: self.call_plan_id,
            group_id: self.group_id,
            key: self.key,
            origin: self.origin,
            rule: self.rule,
            payments_before: self.payments_before,
            no_commission: self.no_commission,
            amount,
            due_at: self.due_at,
        })
    }
}

/// The commission on what is left, in the payment's currency also where it is nothing.
pub(super) fn earned(
    rule: &CommissionRule,
    none: Option<NoCommission>,
    whole: Amounts,
    left: Amounts,
) -> Result<Money, MoneyError> {
    match none {
        Some(_) => Money::new(0.into(), whole.currency()),
        None => share::on_what_is_left(rule, whole, left),
    }
}
