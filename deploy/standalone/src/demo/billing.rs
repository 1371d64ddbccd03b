//! What the billing system reports each evening: payments of the day in bulk, refunds and chargebacks.

use anyhow::ensure;
use serde_json::{Value, json};

use super::agenda::Agenda;
use super::company::Company;
use super::money::{converted, decimal};
use super::oddities;
use super::plans::PLANS;
use super::random::{Part, Random};
use super::reversals::{Paid, Reversals};
use super::season::Today;
use super::shop::{Customer, Shop};

/// Minutes of a day at which the billing system reports.
const EVENING: i64 = 21 * 60;
/// First and last minute at which customers pay: far from the hours at which payouts are requested, so that a change of summer time
/// makes no difference.
const PAYING: [i64; 2] = [6 * 60, 11 * 60];
/// Of a hundred customers, how many ever pay.
const PAY: i64 = 52;
/// Most months that a customer stays.
const MONTHS: i64 = 5;
/// Days between two payments of a customer.
const MONTH: i64 = 30;
/// Most days between a signup and the first payment.
const FIRST_DAYS: i64 = 6;

/// The billing system.
#[derive(Default)]
pub struct Billing {
    payments: Agenda<Payment>,
    reversals: Reversals,
    /// Customers whose payments are planned.
    known: usize,
    /// Payments of the monthly round.
    count: u64,
}

/// A customer's next payment, and how many come after it.
#[derive(Clone, Copy)]
struct Payment {
    customer: usize,
    further: i64,
}

impl Billing {
    pub async fn report(&mut self, company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
        company.set_clock(today.at(EVENING));
        for place in self.known..shop.customers.len() {
            self.plan(shop, place);
        }
        self.known = shop.customers.len();
        let mut random = Random::of(Part::Billing, today.seed());
        let mut lines: Vec<Value> = Vec::new();
        for payment in self.payments.take(today.number) {
            lines.extend(self.pay(shop, payment, today, &mut random));
        }
        lines.extend(oddities::payments(shop, today, &today.at(PAYING[0]).to_string()));
        if !lines.is_empty() {
            let answers = company.post_many("payments", &lines).await?;
            let wrong = answers.iter().find(|answer| answer["status"] != 201);
            ensure!(wrong.is_none() && answers.len() == lines.len(), "payments: {wrong:?}");
            shop.counts.payments += u64::try_from(lines.len())?;
        }
        self.reversals.report(company, shop, today).await?;
        oddities::report(company, shop, today).await
    }

    /// Plans the first payment of a customer.
    fn plan(&mut self, shop: &Shop, place: usize) {
        let customer = &shop.customers[place];
        let mut own = Random::of(Part::Customer, customer.visitor);
        if own.percent(PAY) {
            let (day, months) = (customer.placed + 1 + own.below(FIRST_DAYS), own.below(MONTHS));
            let further = if PLANS[shop.offers[customer.offer].plan].is_once { 0 } else { months };
            self.payments.add(day, Payment { customer: place, further });
        }
    }

    /// The line of a payment, unless the customer was erased.
    fn pay(&mut self, shop: &Shop, payment: Payment, today: Today, random: &mut Random) -> Option<Value> {
        let Payment { customer: place, further } = payment;
        let customer = &shop.customers[place];
        if customer.is_erased {
            return None;
        }
        if further > 0 {
            self.payments.add(today.number + MONTH, Payment { customer: place, further: further - 1 });
        }
        self.count += 1;
        let line = line(shop, customer, self.count, today, random);
        self.reversals.plan(self.count, &line.1, today);
        Some(line.0)
    }
}

fn line(shop: &Shop, customer: &Customer, number: u64, today: Today, random: &mut Random) -> (Value, Paid) {
    let offer = &shop.offers[customer.offer];
    let (plan, cast) = (&PLANS[offer.plan], shop.agents[offer.agent].cast);
    let hundredths = converted(plan.monthly + random.below(plan.by_use / 10 + 1) * 10, cast.currency);
    let received_at = today.at(PAYING[0] + random.below(PAYING[1] - PAYING[0]));
    let reference = format!("INV-{number:05}");
    let mut line = json!({
        "reference": reference, "received_at": received_at.to_string(), "vat_percent": cast.vat_percent,
        "amount": { "amount": decimal(hundredths, cast.currency), "currency": cast.currency },
    });
    // The billing system knows some by number and some by id.
    let (member, name) =
        if random.percent(50) { ("customer_number", &customer.number) } else { ("customer_id", &customer.id) };
    line[member] = name.as_str().into();
    (line, Paid { reference, hundredths, currency: cast.currency })
}
