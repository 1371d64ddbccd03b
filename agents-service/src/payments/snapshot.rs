//! Payments and reversals in responses.

use contract::clock::Moment;
use contract::commission::{CommissionRule, NoCommission, Rate, RateSource};
use contract::events::payments::{NotApplied, PaymentCommission, PaymentCustomer, ReversalKind};
use contract::money::{Money, Percent};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::ledger::entry::Kind;
use crate::life::Life;
use crate::payments::model::Payment;
use crate::payments::received::Received;
use crate::payments::reversal::{Reversal, ReversalState, Taken};

/// Which amount commission was taken of.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PaymentBase")]
pub enum BaseOfPayment {
    /// Without value-added tax.
    Net,
    /// With value-added tax.
    Gross,
    /// The payment did not say how much of it is value-added tax.
    AsGiven,
}

/// A payment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentSnapshot {
    pub reference: String,
    pub version: u64,
    /// Absent where the payment named the customer by number, and nobody of that number was placed.
    pub customer_id: Option<Uuid>,
    /// As the payment named the customer.
    pub customer_number: Option<String>,
    /// Who earns by the payment; null while its customer is unknown.
    pub agent_id: Option<Uuid>,
    pub call_plan_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub key: Option<String>,
    pub amount: Money,
    pub net: Option<Money>,
    pub vat_percent: Option<Percent>,
    pub received_at: Moment,
    /// What is left after refunds and chargebacks.
    pub amount_left: Money,
    /// The commission on what is left.
    pub commission: Option<Money>,
    pub rate: Option<Rate>,
    /// Whose rate counted.
    pub rule: Option<RateSource>,
    pub base: Option<BaseOfPayment>,
    /// Everything that the commission was made from.
    pub terms: Option<CommissionRule>,
    /// Why the payment earns nothing.
    pub no_commission: Option<NoCommission>,
    /// When the commission is earned.
    pub due_at: Option<Moment>,
    pub reversals: Vec<ReversalSnapshot>,
    /// The lines that the payment and its reversals wrote.
    pub ledger: Vec<PaymentLine>,
}

/// A line of an agent's ledger.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PaymentLine {
    pub kind: Kind,
    /// Negative where something was taken back.
    #[schemars(with = "String")]
    pub amount: Decimal,
    pub currency: String,
    /// The reference of the refund or the chargeback.
    pub reversal: Option<String>,
    pub due_at: Moment,
}

/// What became of a refund or a chargeback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReversalOutcome {
    /// It waits for its payment.
    Held,
    Applied,
    /// It does not fit its payment.
    NotApplied,
    /// The chargeback was decided for the company.
    Won,
}

/// A refund or a chargeback.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reversal")]
pub struct ReversalSnapshot {
    pub reference: String,
    /// The payment's reference.
    pub payment: String,
    pub kind: ReversalKind,
    pub state: ReversalOutcome,
    pub amount: Option<Money>,
    pub net: Option<Money>,
    /// The commission that was taken back; null while nobody earns by the payment.
    pub reversed: Option<Money>,
    /// Why it does not fit.
    pub not_applied: Option<NotApplied>,
}

impl ReversalSnapshot {
    /// The reversal with this reference; `None` where there is none.
    pub fn of(payment: &Payment, reference: &str, reversal_reference: &str) -> Option<Self> {
        payment.reversals.get(reversal_reference).map(|reversal| Self::shown(reference, reversal_reference, reversal))
    }

    fn shown(payment: &str, reference: &str, reversal: &Reversal) -> Self {
        let new = |state| Self {
            reference: reference.to_owned(),
            payment: payment.to_owned(),
            kind: reversal.kind,
            state,
            amount: None,
            net: None,
            reversed: None,
            not_applied: None,
        };
        let taken = |state, taken: &Taken| {
            let reversed = taken.commission.map(|commission| commission.amount);
            Self { amount: Some(taken.amount), net: Some(taken.net), reversed, ..new(state) }
        };
        match &reversal.state {
            ReversalState::Held { amount, net } => Self { amount: *amount, net: *net, ..new(ReversalOutcome::Held) },
            ReversalState::NotApplied(reason) => {
                Self { not_applied: Some(*reason), ..new(ReversalOutcome::NotApplied) }
            }
            ReversalState::Applied(by) => taken(ReversalOutcome::Applied, by),
            ReversalState::Won(by) => taken(ReversalOutcome::Won, by),
        }
    }
}

impl PaymentSnapshot {
    /// The payment; `None` before it was received.
    pub fn of(payment: &Payment, life: Life) -> Option<Self> {
        let received = payment.received.as_ref()?;
        let event = &received.event;
        let by = received.commission.as_ref();
        let (named_id, customer_number) = match &event.customer {
            PaymentCustomer::CustomerId(id) => (Some(*id), None),
            PaymentCustomer::CustomerNumber(number) => (None, Some(number.clone())),
        };
        let shown = payment.reversals.iter();
        let reversals =
            shown.map(|(reference, reversal)| ReversalSnapshot::shown(&event.reference, reference, reversal));
        Some(Self {
            reference: event.reference.clone(),
            version: life.version,
            customer_id: by.map(|by| by.customer_id).or(named_id),
            customer_number,
            agent_id: by.map(|by| by.agent_id),
            call_plan_id: by.map(|by| by.call_plan_id),
            group_id: by.map(|by| by.group_id),
            key: by.map(|by| by.key.clone()),
            amount: event.amount,
            net: event.net,
            vat_percent: event.vat_percent,
            received_at: event.received_at,
            amount_left: received.left.gross,
            commission: received.earned,
            rate: by.map(|by| by.rule.rate),
            rule: by.map(|by| by.rule.source),
            base: by.map(|by| base(received, by)),
            terms: by.map(|by| by.rule),
            no_commission: by.and_then(|by| by.no_commission),
            due_at: by.map(|by| by.due_at),
            reversals: reversals.collect(),
            ledger: by.map(|by| lines(payment, by)).unwrap_or_default(),
        })
    }
}

fn base(received: &Received, by: &PaymentCommission) -> BaseOfPayment {
    match (received.event.net, by.rule.base) {
        (None, _) => BaseOfPayment::AsGiven,
        (Some(_), contract::commission::Base::Net) => BaseOfPayment::Net,
        (Some(_), contract::commission::Base::Gross) => BaseOfPayment::Gross,
    }
}

/// The lines in the order of the references, the commission first.
fn lines(payment: &Payment, by: &PaymentCommission) -> Vec<PaymentLine> {
    let line = |kind, money: Money, amount, reversal| PaymentLine {
        kind,
        amount,
        currency: money.currency().as_str().to_owned(),
        reversal,
        due_at: by.due_at,
    };
    let mut lines = vec![line(Kind::Commission, by.amount, by.amount.amount(), None)];
    for (reference, reversal) in &payment.reversals {
        let (taken, won) = match &reversal.state {
            ReversalState::Applied(taken) => (taken, false),
            ReversalState::Won(taken) => (taken, true),
            ReversalState::Held { .. } | ReversalState::NotApplied(_) => continue,
        };
        // What was taken before anybody earned by the payment took nothing from an agent.
        let Some(moved) = taken.commission else { continue };
        let kind = match reversal.kind {
            ReversalKind::Refund => Kind::Refund,
            ReversalKind::Chargeback => Kind::Chargeback,
        };
        lines.push(line(kind, moved.amount, -moved.amount.amount(), Some(reference.clone())));
        if won {
            lines.push(line(Kind::ChargebackWon, moved.amount, moved.amount.amount(), Some(reference.clone())));
        }
    }
    lines
}
