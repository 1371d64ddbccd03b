//! Requests of an agent or a program that want more than is theirs: nothing of them is stored.

use futures::future::try_join_all;
use harness::checker::{Logs, verifies};
use harness::{Pair, Result, Session, Value, ensure, json};

use super::{Shop, count, euro, payout};

harness::on_both_pairs!(an_agent_takes_no_more_than_is_theirs, a_program_without_the_scope_moves_no_money);

const NO_AMOUNTS: [&str; 10] = [
    "-60.00",
    "0",
    "0.00",
    "59.999",
    "1e1",
    "NaN",
    "Infinity",
    "1000000000000.01",
    "99999999999999999999999999",
    "60,00",
];

async fn an_agent_takes_no_more_than_is_theirs(pair: Pair) -> Result<()> {
    let (anna, berta) = (Shop::open(&pair, "anna").await?, Shop::open(&pair, "berta").await?);
    for shop in [&anna, &berta] {
        shop.is_given("60.00").await?;
    }
    let new = "/portal/payouts/new";
    let agent = Session::open(&pair.agents_api(0), "/portal/sign-in", "berta").await?;
    let hidden = agent.form(new).await?;
    let send = async |amount: &str, currency: &str| {
        let fields =
            [("amount.amount", amount), ("amount.currency", currency), ("agent_id", anna.seller.agent.as_str())];
        agent.send(new, &hidden, &fields).await
    };
    for amount in NO_AMOUNTS {
        send(amount, "EUR").await?.expect(422)?;
    }
    for (amount, currency) in [("60.01", "EUR"), ("60.00", "USD"), ("60.00", "XXX")] {
        send(amount, currency).await?.expect(422)?;
    }
    ensure!(Logs::read(&pair).await?.agents.named("remittance_requested").count() == 0, "something was requested");
    // From many tabs at once: a form of each, and another agent's id in it.
    let tabs = try_join_all((0..8).map(|_| agent.form(new))).await?;
    let fields = [("amount.amount", "60.00"), ("amount.currency", "EUR"), ("agent_id", anna.seller.agent.as_str())];
    let answers = try_join_all(tabs.iter().map(|tab| agent.send(new, tab, &fields))).await?;
    ensure!(count(&answers, 303, 422)? == (1, 7), "more than one request was taken");
    anna.has(["60.00", "0.00", "0.00", "60.00"]).await?;
    berta.has(["60.00", "60.00", "0.00", "0.00"]).await?;
    verifies(&pair).await
}

async fn a_program_without_the_scope_moves_no_money(pair: Pair) -> Result<()> {
    let shop = Shop::open(&pair, "anna").await?;
    shop.is_given("60.00").await?;
    let remittance = shop.requests("60.00").await?;
    let agent = &shop.seller.agent;
    let payment =
        json!({"reference": "inv-1", "customer_number": "1", "amount": euro("1.00"), "received_at": super::RECEIVED});
    let step = |step: &str| format!("/remittances/{remittance}/{step}");
    let reason = json!({"reason": "none"});
    let writes: [(&str, String, Value); 9] = [
        ("payments:write", "/payments".to_owned(), payment),
        ("payments:write", "/payments/inv-1/refunds".to_owned(), json!({"reference": "r", "amount": euro("1.00")})),
        (
            "commission:correct",
            format!("/agents/{agent}/corrections"),
            json!({"amount": euro("1.00"), "reason": "none"}),
        ),
        ("remittances:request", "/remittances".to_owned(), shop.request("1.00")),
        ("remittances:request", step("cancel"), json!({})),
        ("remittances:approve", step("approve"), json!({})),
        ("remittances:approve", step("refuse"), reason.clone()),
        ("remittances:pay", step("pay"), payout("bank-1")),
        ("remittances:pay", step("return"), reason),
    ];
    let mut scopes: Vec<&str> = writes.iter().map(|(scope, ..)| *scope).collect();
    scopes.dedup();
    let before = Logs::read(&pair).await?.agents.head;
    for scope in &scopes {
        let others: Vec<_> = scopes.iter().filter(|other| *other != scope).chain([&"money:read"]).collect();
        let issued = json!({"name": scope, "scopes": others});
        let issued = pair.agents(0).api.post("/api-tokens").json(&issued).expect(201).await?;
        let program = pair.agents(0).api.with_token(issued["token"].as_str());
        for (_, path, body) in writes.iter().filter(|(needed, ..)| needed == scope) {
            program.post(path).json(body).refused(403, "forbidden").await?;
        }
    }
    let read = pair.agents(0).api.post("/api-tokens").json(&json!({"name": "none", "scopes": ["agents:read"]}));
    let reader = pair.agents(0).api.with_token(read.expect(201).await?["token"].as_str());
    for path in ["/payments", "/remittances", "/open-reversals", &format!("/agents/{agent}/balances")] {
        reader.get(path).refused(403, "forbidden").await?;
    }
    let issued = u64::try_from(scopes.len())? + 1;
    ensure!(Logs::read(&pair).await?.agents.head == before + issued, "a refused write left an event");
    verifies(&pair).await
}
