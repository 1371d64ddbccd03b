//! Many steps of remittances at once, on two replicas: each has one effect.

use futures::future::try_join_all;
use harness::checker::{Logs, verifies};
use harness::{ApiResponse, Pair, Result, Value, ensure, json};

use super::{Shop, count, payout};

harness::on_servers!(of_fifty_approvals_and_payouts_at_once_one_counts);

const AT_ONCE: usize = 50;

async fn of_fifty_approvals_and_payouts_at_once_one_counts(pair: Pair) -> Result<()> {
    let shop = Shop::open(&pair, "harbour").await?;
    shop.is_given("120.00").await?;
    let asked = at_once(|_| ("/remittances".to_owned(), shop.request("35.00")), &shop).await?;
    // 120.00 and 85.00 reach the threshold of 50.00, and so does 50.00 exactly; 15.00 does not.
    ensure!(count(&asked, 201, 409)? == (3, AT_ONCE - 3), "more was requested than there is");
    shop.has(["120.00", "105.00", "0.00", "15.00"]).await?;
    let open: Vec<String> = asked.iter().filter(|answer| answer.status == 201).map(id).collect::<Result<_>>()?;

    let path = |step: &str| format!("/remittances/{}/{step}", open[0]);
    let approved = at_once(|_| (path("approve"), json!({})), &shop).await?;
    ensure!(count(&approved, 200, 409)? == (1, AT_ONCE - 1), "approved more than once");
    let marked = at_once(|number| (path("pay"), payout(&format!("bank-{number}"))), &shop).await?;
    ensure!(count(&marked, 200, 409)? == (1, AT_ONCE - 1), "paid more than once");
    shop.has(["120.00", "70.00", "35.00", "15.00"]).await?;

    // One bank reference for two remittances, from both sides.
    for remittance in &open[1..] {
        shop.step(remittance, "approve", &json!({})).await?.expect(200)?;
    }
    let pay = |number: usize| (format!("/remittances/{}/pay", open[1 + number % 2]), payout("bank-of-both"));
    ensure!(count(&at_once(pay, &shop).await?, 200, 409)? == (1, AT_ONCE - 1), "one reference paid two remittances");
    shop.has(["120.00", "35.00", "70.00", "15.00"]).await?;

    let logs = Logs::read(&pair).await?;
    for (name, times) in [("remittance_requested", 3), ("remittance_approved", 3), ("remittance_paid", 2)] {
        ensure!(logs.agents.named(name).count() == times, "{name}: not {times} events");
    }
    verifies(&pair).await
}

fn id(answer: &ApiResponse) -> Result<String> {
    Ok(answer.json()?["id"].as_str().unwrap_or_default().to_owned())
}

/// Sends fifty writes at once to both replicas, each with a key of its own.
async fn at_once(write: impl Fn(usize) -> (String, Value), shop: &Shop<'_>) -> Result<Vec<ApiResponse>> {
    let sending = (0..AT_ONCE).map(|number| {
        let (path, body) = write(number);
        shop.api().post(&path).json(&body).idempotency_key(&format!("{number}-{path}")).send()
    });
    try_join_all(sending).await
}
