//! Payments of seeded customers: as events in the agents' log, for years of business, and as lines of the billing system, for a
//! load. All follow from their numbers.

use agents_service::commission::share::{Amounts, on_what_is_left};
use anyhow::Result;
use contract::clock::{Clock, Moment, SetClock};
use contract::commission::{Base, CommissionRule, Per, Rate, RateAt, RateSource, Window};
use contract::events::agents::AgentsEvent;
use contract::events::payments::{Origin, PaymentCommission, PaymentCustomer, PaymentReceived};
use contract::money::{Currency, Money, Percent};
use event_store::log::{MAX_EVENTS_OF_ONE, NewEvent};
use serde_json::{Value, json};

use super::catalogue::{customer_id, key_of_customer, sold};
use super::command_handler::Page;
use super::fill::write;

/// Seconds between the placements and the end of the payments.
const PLACED_BEFORE: i64 = 365 * 24 * 60 * 60;
/// Payments in one request.
const AT_ONCE: u64 = MAX_EVENTS_OF_ONE as u64;
/// Seconds over which the payments of the past are spread, however many they are: statements of a month have lines at any hour.
const PAID_WITHIN: i64 = 70 * 24 * 60 * 60;
/// Hold period, in seconds.
const HOLD: i64 = 30 * 24 * 60 * 60;
/// Coprime with every round number: customers pay in disorder.
const STEP: u64 = 7_368_787;

/// How large the company is.
#[derive(Clone, Copy, Debug)]
pub struct Business {
    pub agents: u64,
    pub keys: u64,
    pub customers: u64,
    pub payments: u64,
}

/// Writes the payments of the past into the agents' log, recorded when they were received; returns the last position.
pub async fn pay(url: &str, business: Business) -> Result<u64> {
    let now = Clock::System.now();
    let clock = SetClock::at(business.received_at(0, now));
    let pages = (0..business.payments.div_ceil(AT_ONCE)).map(|page| {
        clock.set(business.received_at(page * AT_ONCE, now));
        business.page(page, now)
    });
    write(url, "seeding payments", business.payments, pages, Clock::Set(clock.clone())).await
}

impl Business {
    /// The same company, so many times smaller.
    pub fn divided(self, by: u64) -> Self {
        let part = |count: u64| (count / by.max(1)).max(1);
        let Self { agents, keys, customers, payments } = self;
        Self { agents: part(agents), keys: part(keys), customers: part(customers), payments: part(payments) }
    }

    fn customer(self, number: u64) -> u64 {
        number.wrapping_mul(STEP) % self.customers
    }

    fn received_at(self, number: u64, now: Moment) -> Moment {
        let before = u128::from(self.payments.saturating_sub(number)) * u128::from(PAID_WITHIN.unsigned_abs());
        let before = before / u128::from(self.payments.max(1));
        now.plus_seconds(-i64::try_from(before).unwrap_or(PAID_WITHIN))
    }

    fn page(self, page: u64, now: Moment) -> Result<Page> {
        let numbers = page * AT_ONCE..((page + 1) * AT_ONCE).min(self.payments);
        let events = numbers.map(|number| {
            let received = self.received(number, now)?;
            let stream = agents_service::payments::model::stream(received.payment_id);
            anyhow::Ok(NewEvent::of(stream, &AgentsEvent::from(received))?)
        });
        let id = format!("seed:payments:{}:{page}", self.payments);
        Ok(Page { id, events: events.collect::<Result<_>>()?, agents: Vec::new() })
    }

    fn received(self, number: u64, now: Moment) -> Result<PaymentReceived> {
        let customer = self.customer(number);
        let sold = sold(key_of_customer(customer, self.keys), self.agents);
        let reference = reference("old", number);
        let amount = Money::new(amount(number).parse()?, Currency::known("EUR")?)?;
        let rule = CommissionRule {
            source: RateSource::Agent,
            rate: Rate::Percent(Percent::parse("12.5")?),
            per: Per::Payment,
            base: Base::Net,
            window: Window::default(),
            rate_at: RateAt::Placement,
        };
        let received_at = self.received_at(number, now);
        let whole = Amounts { gross: amount, net: amount };
        let commission = PaymentCommission {
            customer_id: customer_id(customer),
            agent_id: sold.agent_id,
            call_plan_id: sold.call_plan_id,
            group_id: sold.group_id,
            key: sold.key,
            origin: Some(Origin { placed_at: now.plus_seconds(-PLACED_BEFORE), campaign: None, country: None }),
            rule,
            payments_before: number / self.customers,
            no_commission: None,
            amount: on_what_is_left(&rule, whole, whole)?,
            due_at: received_at.plus_seconds(HOLD),
        };
        Ok(PaymentReceived {
            payment_id: agents_service::payments::model::id(&reference),
            reference,
            amount,
            net: None,
            vat_percent: None,
            received_at,
            customer: PaymentCustomer::CustomerId(customer_id(customer)),
            commission: Some(commission),
        })
    }

    /// A line of the billing system; customers are named by id.
    pub fn line(self, batch: &str, number: u64, received_at: Moment) -> Value {
        json!({
            "reference": reference(batch, number), "customer_id": customer_id(self.customer(number)),
            "amount": { "amount": amount(number), "currency": "EUR" }, "vat_percent": "19",
            "received_at": received_at.to_string(),
        })
    }
}

fn reference(batch: &str, number: u64) -> String {
    format!("INV-{batch}-{number}")
}

/// 5.00 to 104.99.
fn amount(number: u64) -> String {
    let cents = 500 + number.wrapping_mul(STEP) % 10_000;
    format!("{}.{:02}", cents / 100, cents % 100)
}
