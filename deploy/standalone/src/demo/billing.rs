//! What the billing system reports each evening: payments of the day in bulk, refunds and chargebacks.

use anyhow::ensure;
use serde_json::{Value, json};

use super::cast::PLANS;
use super::company::Company;
use super::money::{converted, decimal};
use super::random::Random;
use super::shop::{Paid, Shop, Today};

/// Minutes of a day at which the billing system reports.
const EVENING: i64 = 21 * 60;
/// First and last minute at which customers pay: far from the hours at which payouts are requested, so that a change of summer time
/// makes no difference.
const PAYING: [i64; 2] = [6 * 60, 11 * 60];
/// Of a hundred customers, how many ever pay.
const PAY: i64 = 74;
/// Days between two payments of a customer.
const MONTH: i64 = 30;
/// Of a thousand payments, how many are refunded and charged back.
const REFUNDED: i64 = 28;
const CHARGED_BACK: i64 = 5;
/// Days after which a chargeback is decided.
const DISPUTE: i64 = 11;

pub async fn report(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    company.set_clock(today.at(EVENING));
    let mut random = Random::of(5_000 + u64::try_from(today.number)?);
    let mut lines: Vec<Value> = Vec::new();
    for place in 0..shop.customers.len() {
        lines.extend(payment(shop, place, today, &mut random));
    }
    lines.extend(special(shop, today));
    if !lines.is_empty() {
        let answers = company.post_many("payments", &lines).await?;
        let wrong = answers.iter().find(|answer| answer["status"] != 201);
        ensure!(wrong.is_none() && answers.len() == lines.len(), "payments: {wrong:?}");
        shop.counts.payments += u64::try_from(lines.len())?;
    }
    reversals(company, shop, today).await?;
    unusual(company, shop, today).await
}

/// The payment of a customer, where one is due today.
fn payment(shop: &mut Shop, place: usize, today: Today, random: &mut Random) -> Option<Value> {
    let customer = &shop.customers[place];
    let mut own = Random::of(90_000 + customer.visitor);
    let (pays, delay, months) = (own.percent(PAY), 1 + own.below(6), 1 + own.below(4));
    let since = today.number - customer.placed - delay;
    // One plan is paid once.
    let months = if customer.plan == super::cast::HOLIDAY_SIM { 1 } else { months };
    if !pays || since < 0 || since % MONTH != 0 || since / MONTH >= months {
        return None;
    }
    let (plan, cast) = (&PLANS[customer.plan], shop.agents[customer.agent].cast);
    let hundredths = converted(plan.monthly + random.below(plan.by_use / 10 + 1) * 10, cast.currency);
    let received_at = today.at(PAYING[0] + random.below(PAYING[1] - PAYING[0]));
    let reference = format!("INV-{:05}", shop.paid.len() + 1);
    let mut body = json!({
        "reference": reference, "received_at": received_at.to_string(), "vat_percent": cast.vat_percent,
        "amount": { "amount": decimal(hundredths, cast.currency), "currency": cast.currency },
    });
    // The billing system knows some by number and some by id.
    let (member, name) =
        if random.percent(50) { ("customer_number", &customer.number) } else { ("customer_id", &customer.id) };
    body[member] = name.as_str().into();
    shop.paid.push(Paid { reference, hundredths, currency: cast.currency, on: today.number });
    Some(body)
}

/// Payments outside the monthly round: of customers whom nobody knows, and after a refund that was reported first.
fn special(shop: &Shop, today: Today) -> Vec<Value> {
    let of = |reference: &str, number: &str, amount: &str| {
        json!({
            "reference": reference, "customer_number": number, "received_at": today.at(PAYING[0]).to_string(),
            "amount": { "amount": amount, "currency": "EUR" },
        })
    };
    let first = shop.customers.iter().find(|customer| shop.agents[customer.agent].cast.currency == "EUR");
    let first = first.map_or("", |customer| &customer.number);
    match today.number {
        26 => vec![of("BANK-2001", "0000000019", "49.90"), of("BANK-2002", "0000000027", "19.90")],
        33 => vec![of("SHOP-1001", first, "59.90"), of("SHOP-1002", first, "10.00")],
        61 => vec![of("BANK-2003", "0000000035", "9.90")],
        _ => Vec::new(),
    }
}

/// Refunds and chargebacks of payments of the days before.
async fn reversals(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    let (mut made, mut won) = (Vec::new(), Vec::new());
    for (number, paid) in (1..).zip(&shop.paid) {
        let mut own = Random::of(700_000 + number);
        let (chance, delay, is_whole) = (own.below(1_000), 2 + own.below(10), own.percent(40));
        let on = paid.on + delay;
        if chance < REFUNDED && on == today.number {
            let part = if is_whole { paid.hundredths } else { paid.hundredths / 300 * 100 };
            let amount = json!({ "amount": decimal(part, paid.currency), "currency": paid.currency });
            let reason = if is_whole { "Cancelled within two weeks" } else { "Goodwill" };
            let body = json!({ "reference": format!("REF-{number:05}"), "amount": amount, "reason": reason });
            made.extend((part > 0).then(|| (format!("payments/{}/refunds", paid.reference), body)));
        } else if (REFUNDED..REFUNDED + CHARGED_BACK).contains(&chance) {
            let reference = format!("CB-{number:05}");
            let path = format!("payments/{}/chargebacks", paid.reference);
            if on == today.number {
                made.push((path, json!({ "reference": reference })));
            } else if on + DISPUTE == today.number && chance % 2 == 0 {
                won.push(format!("{path}/{reference}/won"));
            }
        }
    }
    shop.counts.reversals += u64::try_from(made.len())?;
    for (path, body) in made {
        company.post(&path, &body).await?;
    }
    for path in won {
        company.post(&path, &json!({})).await?;
    }
    Ok(())
}

/// What an operator has to look into.
async fn unusual(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    let refund = |reference: &str, amount: &str| json!({ "reference": reference, "amount": { "amount": amount, "currency": "EUR" } });
    let held = match today.number {
        30 => vec![("SHOP-1001", refund("SHOP-1001-R", "20.00")), ("SHOP-1002", refund("SHOP-1002-R", "15.00"))],
        80 => vec![("SHOP-1003", refund("SHOP-1003-R", "12.50"))],
        _ => Vec::new(),
    };
    for (payment, body) in held {
        company.post(&format!("payments/{payment}/refunds"), &body).await?;
        shop.counts.reversals += 1;
    }
    if today.number == 52 {
        let harbour = shop.agent("harbour")?;
        let customer = shop.customers.iter().find(|customer| customer.agent == harbour);
        let number = customer.map(|customer| customer.number.as_str()).unwrap_or_default();
        let body = json!({ "customer_number": number, "reason": "The number on the transfer was mistyped" });
        company.post("payments/BANK-2001/attribution", &body).await?;
    }
    Ok(())
}
