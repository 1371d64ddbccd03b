//! From the signup to the payout and back: a customer of an agent pays, the agent asks, the bank sends it back.

use harness::{Journal, Pair, Result, Value, check, ensure, json, personal};

use super::{Customer, Shop, euro, payout};

harness::on_both_pairs!(a_payment_becomes_commission_and_is_paid_out);

async fn a_payment_becomes_commission_and_is_paid_out(pair: Pair) -> Result<()> {
    let shop = Shop::open(&pair, "harbour").await?;
    let customer = shop.sign_up(1).await?;
    // At once: agents-service may not know the placement yet.
    twice(&shop, "/payments", &Shop::payment("inv-1", &customer, "800.00"), 201).await?;
    shop.earns_by("inv-1", "100.00").await?;
    let repeated = shop.api().post("/payments").json(&Shop::payment(" inv-1 ", &customer, "800")).expect(200).await?;
    ensure!(repeated["commission"] == euro("100.00"), "{repeated}");
    let differs = shop.api().post("/payments").json(&Shop::payment("inv-1", &customer, "800.01"));
    ensure!(
        differs.refused(409, "conflict").await?["reason"] == "payment_differs",
        "another amount is another payment"
    );

    let refund = json!({"reference": "ref-1", "amount": euro("100.00"), "reason": "goodwill"});
    let refunded = twice(&shop, "/payments/inv-1/refunds", &refund, 201).await?;
    ensure!(refunded["reversed"] == euro("12.50"), "{refunded}");
    shop.has(["87.50", "0.00", "0.00", "87.50"]).await?;

    let requested = twice(&shop, "/remittances", &shop.request("87.50"), 201).await?;
    let remittance = format!("/remittances/{}", requested["id"].as_str().unwrap_or_default());
    shop.has(["87.50", "87.50", "0.00", "0.00"]).await?;
    let step = async |step: &str, body: Value| twice(&shop, &format!("{remittance}/{step}"), &body, 200).await;
    step("approve", json!({})).await?;
    step("pay", payout("bank-1")).await?;
    shop.has(["87.50", "0.00", "87.50", "0.00"]).await?;
    let returned = step("return", json!({"reason": "account closed"})).await?;
    ensure!(returned["state"] == "returned", "{returned}");
    shop.has(["87.50", "0.00", "0.00", "87.50"]).await?;

    let ledger = format!("/agents/{}/ledger?currency=EUR", shop.seller.agent);
    let ledger = shop.api().get(&ledger).expect(200).await?;
    let lines = ledger["items"].as_array().cloned().unwrap_or_default();
    let kinds: Vec<_> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    ensure!(kinds == ["commission", "refund", "requested", "paid", "returned"], "{ledger}");
    ensure!(ledger["closing"] == "87.50" && ledger["opening"] == "0.00", "{ledger}");
    no_customer_is_described(&pair, &customer).await
}

/// Sends a write, and once more with its key at the other replica: the answers are equal.
async fn twice(shop: &Shop<'_>, path: &str, body: &Value, status: u16) -> Result<Value> {
    let send =
        async || shop.api().post(path).json(body).idempotency_key(&format!("once-{path}")).send().await?.expect(status);
    let (first, again) = (send().await?, send().await?);
    ensure!(!first.replayed() && again.replayed(), "{first} then {again}");
    ensure!(first.body == again.body && first.position()? == again.position()?, "{first} then {again}");
    first.json()
}

/// Neither the log, the streams nor the output say more of a customer than their id and number.
async fn no_customer_is_described(pair: &Pair, customer: &Customer) -> Result<()> {
    let mut traces = personal::traces_of(&customer.person);
    traces.push("Personalname-Payer".to_owned());
    let logs = check(pair, &Journal::default(), &traces).await?;
    for event in logs.agents.named("payment_received").chain(logs.agents.named("payment_attributed")) {
        let data = event.data()?;
        let parts = [&data, &data["commission"], &data["customer"]];
        let names = parts.into_iter().filter_map(Value::as_object).flat_map(|members| members.keys());
        let of_customers = names.filter(|name| name.contains("customer"));
        let described: Vec<_> = of_customers.filter(|name| !KNOWN_OF_CUSTOMERS.contains(&name.as_str())).collect();
        ensure!(described.is_empty(), "{described:?} in {}", event.line);
    }
    Ok(())
}

const KNOWN_OF_CUSTOMERS: [&str; 3] = ["customer", "customer_id", "customer_number"];
