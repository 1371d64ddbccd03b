//! The mistakes of A2Billing with payouts, each of which must not come back.

use harness::checker::{Logs, verifies};
use harness::{Pair, Result, Session, ensure, json};

use super::{Shop, payout};

harness::on_both_pairs!(
    a_threshold_is_checked_by_the_service_and_not_by_its_page_only,
    an_approval_that_is_repeated_pays_nothing_twice,
    an_agent_cannot_cancel_the_request_of_another_agent,
);

async fn a_threshold_is_checked_by_the_service_and_not_by_its_page_only(pair: Pair) -> Result<()> {
    let shop = Shop::open(&pair, "harbour").await?;
    shop.is_given("49.99").await?;
    let refused = shop.api().post("/remittances").json(&shop.request("49.99")).refused(409, "conflict").await?;
    ensure!(refused["reason"] == "below_threshold", "{refused}");
    ensure!(
        refused["detail"].as_str().is_some_and(|text| text.contains("49.99") && text.contains("50.00")),
        "{refused}"
    );
    // The page offers no form, and refuses one all the same.
    let agent = Session::open(&pair.agents_api(0), "/portal/sign-in", "harbour").await?;
    ensure!(!agent.page("/portal/payouts").await?.text().contains("/portal/payouts/new"), "the page offers a payout");
    let hidden = agent.form("/portal/payouts/new").await?;
    let fields = [("amount.amount", "49.99"), ("amount.currency", "EUR")];
    let answer = agent.send("/portal/payouts/new", &hidden, &fields).await?.expect(422)?;
    ensure!(answer.text().contains("threshold"), "{answer}");
    ensure!(Logs::read(&pair).await?.agents.named("remittance_requested").count() == 0, "something was requested");
    shop.has(["49.99", "0.00", "0.00", "49.99"]).await
}

async fn an_approval_that_is_repeated_pays_nothing_twice(pair: Pair) -> Result<()> {
    let shop = Shop::open(&pair, "harbour").await?;
    shop.is_given("60.00").await?;
    let remittance = shop.requests("60.00").await?;
    for (step, body, state) in
        [("approve", json!({}), "approved"), ("pay", payout("bank-1"), "paid"), ("approve", json!({}), "paid")]
    {
        if step != "approve" || state == "approved" {
            shop.step(&remittance, step, &body).await?.expect(200)?;
        }
        let again = shop.step(&remittance, step, &body).await?.expect(409)?;
        ensure!(again.text().contains(state), "the state is not named: {again}");
    }
    shop.has(["60.00", "0.00", "60.00", "0.00"]).await?;
    let logs = Logs::read(&pair).await?;
    for name in ["remittance_approved", "remittance_paid"] {
        ensure!(logs.agents.named(name).count() == 1, "{name} happened more than once");
    }
    verifies(&pair).await
}

async fn an_agent_cannot_cancel_the_request_of_another_agent(pair: Pair) -> Result<()> {
    let (anna, berta) = (Shop::open(&pair, "anna").await?, Shop::open(&pair, "berta").await?);
    for shop in [&anna, &berta] {
        shop.is_given("60.00").await?;
    }
    let (annas, bertas) = (anna.requests("60.00").await?, berta.requests("60.00").await?);
    let agent = Session::open(&pair.agents_api(0), "/portal/sign-in", "berta").await?;
    let path = |remittance: &str| format!("/portal/payouts/{remittance}/cancel");
    let hidden = agent.form(&path(&bertas)).await?;
    agent.page(&path(&annas)).await?.expect(404)?;
    agent.send(&path(&annas), &hidden, &[]).await?.expect(404)?;
    anna.has(["60.00", "60.00", "0.00", "0.00"]).await?;
    // The same form does cancel the agent's own, and once only.
    agent.send(&path(&bertas), &hidden, &[]).await?.expect(303)?;
    berta.has(["60.00", "0.00", "0.00", "60.00"]).await?;
    ensure!(Logs::read(&pair).await?.agents.named("remittance_cancelled").count() == 1, "not one cancellation");
    verifies(&pair).await
}
