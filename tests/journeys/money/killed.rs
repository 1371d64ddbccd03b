//! The agents-service is killed while a billing system sends payments: no acknowledged payment is lost, none counts twice.

use std::collections::HashMap;
use std::sync::Arc;

use harness::checker::{Logs, verifies};
use harness::{Api, Pair, Result, Value, ensure, eventually, seconds};
use tokio::sync::mpsc::{self, UnboundedSender};

use super::Shop;

harness::on_both_pairs!(payments_that_are_sent_while_the_service_is_killed_count_once);

const PAYMENTS: usize = 50;
/// Connections of the billing system.
const SENDERS: usize = 5;
/// Acknowledged payments before the kill.
const BEFORE: usize = 10;

async fn payments_that_are_sent_while_the_service_is_killed_count_once(pair: Pair) -> Result<()> {
    let shop = Shop::open(&pair, "harbour").await?;
    let customer = shop.sign_up(1).await?;
    let payments: Arc<[Value]> =
        (0..PAYMENTS).map(|number| Shop::payment(&format!("inv-{number}"), &customer, "8.00")).collect();
    let (acknowledge, mut acknowledgements) = mpsc::unbounded_channel();
    for sender in 0..SENDERS {
        tokio::spawn(send(pair.agents(0).api, Arc::clone(&payments), sender, acknowledge.clone()));
    }
    drop(acknowledge);
    let mut acknowledged = Vec::new();
    let process = pair.agents_process(0);
    while let Some(reference) = acknowledgements.recv().await {
        acknowledged.push(reference);
        if acknowledged.len() == BEFORE {
            process.kill_9()?;
        }
    }
    ensure!((BEFORE..PAYMENTS).contains(&acknowledged.len()), "{} were sent before the kill", acknowledged.len());
    process.start_again()?;
    process.ready().await?;

    let before = stored(&pair).await?;
    let lost: Vec<_> = acknowledged.iter().filter(|reference| !before.contains_key(*reference)).collect();
    ensure!(lost.is_empty(), "{lost:?} are lost");
    for round in 0..2 {
        for payment in payments.iter() {
            let answer = shop.api().post("/payments").json(payment).send().await?;
            let reference = payment["reference"].as_str().unwrap_or_default();
            let expected = if round == 1 || before.contains_key(reference) { 200 } else { 201 };
            answer.expect(expected)?;
        }
    }
    let after = stored(&pair).await?;
    ensure!(after.len() == PAYMENTS && after.values().all(|times| *times == 1), "not each once: {after:?}");
    // 12.5 % of 8.00, fifty times; the first may have come before the placement.
    eventually(seconds(20), async || shop.has(["50.00", "0.00", "0.00", "50.00"]).await).await?;
    verifies(&pair).await
}

/// Sends every so-manyth payment, and tells of each that is acknowledged.
async fn send(api: Api, payments: Arc<[Value]>, from: usize, acknowledge: UnboundedSender<String>) {
    for payment in payments.iter().skip(from).step_by(SENDERS) {
        let answer = api.post("/payments").json(payment).send().await;
        if answer.is_ok_and(|answer| answer.status == 201) {
            let _ = acknowledge.send(payment["reference"].as_str().unwrap_or_default().to_owned());
        }
    }
}

/// How often each payment is in the log.
async fn stored(pair: &Pair) -> Result<HashMap<String, usize>> {
    let logs = Logs::read(pair).await?;
    logs.agents.check()?;
    let mut times = HashMap::new();
    for event in logs.agents.named("payment_received") {
        *times.entry(event.data()?["reference"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    Ok(times)
}
