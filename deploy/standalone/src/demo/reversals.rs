//! Refunds and chargebacks of the payments of days before.

use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::agenda::Agenda;
use super::company::Company;
use super::money::decimal;
use super::random::{Part, Random};
use super::season::Today;
use super::shop::Shop;

/// Of a thousand payments, how many are refunded and charged back.
const REFUNDED: i64 = 22;
const CHARGED_BACK: i64 = 5;
/// Fewest and most days after which that happens.
const DELAY: [i64; 2] = [2, 11];
/// Days after which a chargeback is decided.
const DISPUTE: i64 = 11;
/// Requests at a time.
const AT_ONCE: usize = 16;

/// Something that was paid.
pub struct Paid {
    pub reference: String,
    pub hundredths: i64,
    pub currency: &'static str,
}

#[derive(Default)]
pub struct Reversals(Agenda<Report>);

/// What is reported of a payment.
struct Report {
    path: String,
    body: Value,
    /// It takes money back, where another ends a dispute.
    is_reversal: bool,
}

impl Reversals {
    /// Plans what happens to the payment of a number.
    pub fn plan(&mut self, number: u64, paid: &Paid, today: Today) {
        let mut own = Random::of(Part::Payment, number);
        let (chance, is_whole) = (own.below(1_000), own.percent(40));
        let on = today.number + DELAY[0] + own.below(DELAY[1] - DELAY[0] + 1);
        if chance < REFUNDED {
            let part = if is_whole { paid.hundredths } else { paid.hundredths / 300 * 100 };
            let amount = json!({ "amount": decimal(part, paid.currency), "currency": paid.currency });
            let reason = if is_whole { "Cancelled within two weeks" } else { "Goodwill" };
            let body = json!({ "reference": format!("REF-{number:05}"), "amount": amount, "reason": reason });
            let path = format!("payments/{}/refunds", paid.reference);
            if part > 0 {
                self.0.add(on, Report { path, body, is_reversal: true });
            }
        } else if chance < REFUNDED + CHARGED_BACK {
            let reference = format!("CB-{number:05}");
            let path = format!("payments/{}/chargebacks", paid.reference);
            let won = format!("{path}/{reference}/won");
            self.0.add(on, Report { path, body: json!({ "reference": reference }), is_reversal: true });
            if chance % 2 == 0 {
                self.0.add(on + DISPUTE, Report { path: won, body: json!({}), is_reversal: false });
            }
        }
    }

    pub async fn report(&mut self, company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
        let reports = self.0.take(today.number);
        shop.counts.reversals += u64::try_from(reports.iter().filter(|report| report.is_reversal).count())?;
        let answers = futures::stream::iter(&reports).map(|report| company.post(&report.path, &report.body));
        answers.buffered(AT_ONCE).try_for_each(|_| std::future::ready(Ok(()))).await
    }
}
