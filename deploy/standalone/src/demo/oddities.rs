//! Payments and refunds that an operator has to look into: of customers whom nobody knows, and refunds that come before their
//! payments or do not fit them.

use serde_json::{Value, json};

use super::company::Company;
use super::season::Today;
use super::shop::Shop;

/// Days on which a transfer comes whose customer nobody knows.
const STRAY: [i64; 9] = [26, 61, 99, 140, 187, 233, 278, 319, 357];
/// A stray transfer, with the day on which its customer is found, who is the first one of an agent.
const FOUND: [(i64, i64, &str); 3] = [(26, 52, "harbour"), (140, 147, "thames"), (278, 290, "zoe-phones")];
/// Refunds that are reported before their payments: the day, the payment and the amount.
const HELD: [(i64, &str, &str); 4] =
    [(30, "SHOP-1001", "20.00"), (30, "SHOP-1002", "15.00"), (180, "SHOP-1003", "12.50"), (341, "SHOP-1004", "9.90")];
/// The payments of two of them, of which the second is smaller than its refund.
const LATE: [(i64, &str, &str); 2] = [(33, "SHOP-1001", "59.90"), (33, "SHOP-1002", "10.00")];

/// The lines of a day's payments.
pub fn payments(shop: &Shop, today: Today, received_at: &str) -> Vec<Value> {
    let line = |reference: &str, number: &str, amount: &str| {
        json!({
            "reference": reference, "customer_number": number, "received_at": received_at,
            "amount": { "amount": amount, "currency": "EUR" },
        })
    };
    let mut lines = Vec::new();
    if STRAY.contains(&today.number) {
        let nobody = format!("{:010}", today.number * 7);
        lines.push(line(&stray(today.number), &nobody, "19.90"));
    }
    let payer = shop.customers.iter().find(|customer| {
        let agent = shop.offers[customer.offer].agent;
        shop.agents[agent].cast.currency == "EUR"
    });
    let late = LATE.iter().filter(|(day, _, _)| *day == today.number).zip(std::iter::repeat(payer));
    lines.extend(late.filter_map(|((_, reference, amount), payer)| Some(line(reference, &payer?.number, amount))));
    lines
}

/// Refunds without payments, and customers who were found.
pub async fn report(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    for (_, payment, amount) in HELD.iter().filter(|(day, _, _)| *day == today.number) {
        let amount = json!({ "amount": amount, "currency": "EUR" });
        let body = json!({ "reference": format!("{payment}-R"), "amount": amount });
        company.post(&format!("payments/{payment}/refunds"), &body).await?;
        shop.counts.reversals += 1;
    }
    for (stray_day, _, login) in FOUND.iter().filter(|(_, day, _)| *day == today.number) {
        let agent = shop.agent(login)?;
        let is_theirs = |place: usize| shop.offers[place].agent == agent;
        let customer = shop.customers.iter().find(|customer| is_theirs(customer.offer) && !customer.is_erased);
        let Some(customer) = customer else { continue };
        let body = json!({ "customer_number": customer.number, "reason": "The number on the transfer was mistyped" });
        company.post(&format!("payments/{}/attribution", stray(*stray_day)), &body).await?;
    }
    Ok(())
}

/// The reference of a day's stray transfer.
fn stray(day: i64) -> String {
    format!("BANK-{}", 2_000 + day)
}
