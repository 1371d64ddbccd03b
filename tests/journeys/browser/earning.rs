//! Commission on its way to the agent: the agent asks for a payout, the operator approves and pays, the bank sends it back; and a
//! payment whose customer the operator finds out.

use harness::names::{Rng, person};
use harness::operator::{PASSWORD, with};
use harness::texts::money::{
    ATTRIBUTE, ATTRIBUTED, CANCELLED, CORRECT, CORRECTED, FREE_AGAIN, PAY, PAYOUT_APPROVED, PAYOUT_PAID, REQUEST,
    REQUESTED, SEND_REQUEST, TAKE_BACK, WHOSE,
};
use harness::texts::office::{FAULTS, REASON, WHAT_WILL_HAPPEN};
use harness::{Browser, Pair, Result, Seller, Value, ensure, eventually, json, seconds};

use super::{OPERATOR, check_page, go_to, leave, office_url, open_menu, operator_at_work, sign_in};

harness::on_screens!(an_agent_is_paid_what_they_earned, an_operator_mends_payments_and_balances);

pub(super) const AGENT: &str = "anna-agent";

/// An agent who earns 12.5 % of what customers pay, and the number of one of their customers.
async fn set_up(pair: &Pair) -> Result<(String, String)> {
    set_up_with(pair, json!({})).await
}

/// The same with more about the agent.
pub(super) async fn set_up_with(pair: &Pair, more: Value) -> Result<(String, String)> {
    let operator = pair.agents(0);
    let agent = json!({
        "name": "Anna's Phones", "login": AGENT, "permissions": ["commission", "remittance"], "commission_percent": "12.5",
        "remittance_threshold": {"amount": "50.00", "currency": "EUR"}, "vat_percent": "19",
    });
    let agent = operator.add_agent_with(with(agent, more)).await?.id;
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    let group = operator.add_group("VoIP", &agent).await?.id;
    let key = operator.add_key(&Seller { agent: agent.clone(), plan, group }).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    let placed = pair.signup(0).sign_up(&key.id, &person(&mut Rng::new(1), 1)).await?.expect(201)?.json()?;
    Ok((agent, placed["customer_number"].as_str().unwrap_or_default().to_owned()))
}

/// The billing system reports a payment.
pub(super) async fn pays(pair: &Pair, reference: &str, customer_number: &str, amount: &str) -> Result<()> {
    let payment = json!({
        "reference": reference, "customer_number": customer_number, "received_at": "2026-01-15T10:00:00Z",
        "amount": {"amount": amount, "currency": "EUR"},
    });
    pair.agents(0).api.post("/payments").json(&payment).expect(201).await.map(drop)
}

/// Waits until the agent earns by a payment.
pub(super) async fn is_earned(pair: &Pair, reference: &str) -> Result<()> {
    eventually(seconds(20), async || {
        let payment: Value = pair.agents(0).api.get(&format!("/payments/{reference}")).expect(200).await?;
        ensure!(payment["agent_id"].is_string(), "nobody earns by it: {payment}");
        Ok(())
    })
    .await
}

async fn an_agent_is_paid_what_they_earned(pair: &Pair, browser: &Browser) -> Result<()> {
    let (_, customer) = set_up(pair).await?;
    pays(pair, "inv-1", &customer, "399.00").await?;
    is_earned(pair, "inv-1").await?;
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, AGENT, PASSWORD).await?;
    browser.see("50.00 EUR").await?;
    below_the_threshold(browser).await?;
    pays(pair, "inv-2", &customer, "401.00").await?;
    ask(browser).await?;
    leave(browser).await?;
    operator_at_work(pair, browser).await?;
    approve_and_pay(browser).await?;
    give_back(browser).await?;
    leave(browser).await?;
    see_what_became_of_it(pair, browser).await
}

async fn below_the_threshold(browser: &Browser) -> Result<()> {
    go_to(browser, "Earnings", "49.88 EUR").await?;
    browser.see("0.12 EUR missing").await?;
    check_page(browser, "1-earnings").await?;
    go_to(browser, "Payouts", "No payout was requested yet").await?;
    browser.see_no(REQUEST).await?;
    check_page(browser, "2-below-the-threshold").await
}

async fn ask(browser: &Browser) -> Result<()> {
    go_to(browser, "Payouts", "Reached").await?;
    browser.click(REQUEST).await?;
    browser.see("Available: 100.00 EUR").await?;
    check_page(browser, "3-request-form").await?;
    browser.fill("Amount", "100.01").await?;
    browser.click(SEND_REQUEST).await?;
    browser.see("available 100.00").await?;
    check_page(browser, "4-more-than-is-there").await?;
    browser.fill("Amount", "100.00").await?;
    browser.click(SEND_REQUEST).await?;
    browser.see(REQUESTED).await?;
    check_page(browser, "5-requested").await?;
    browser.click("Take back the request of 100.00 EUR").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    check_page(browser, "6-what-taking-back-does").await?;
    browser.click(TAKE_BACK).await?;
    browser.see(CANCELLED).await?;
    browser.click(REQUEST).await?;
    browser.fill("Amount", "80.00").await?;
    browser.click(SEND_REQUEST).await?;
    browser.see(REQUESTED).await
}

async fn approve_and_pay(browser: &Browser) -> Result<()> {
    go_to(browser, "Payouts", "80.00 EUR").await?;
    check_page(browser, "7-payouts").await?;
    browser.click("Approve requests").await?;
    browser.see("1 request of 80.00 EUR can be approved here").await?;
    check_page(browser, "7-approve-many").await?;
    go_to(browser, "Payouts", "80.00 EUR").await?;
    browser.click("80.00 EUR").await?;
    browser.see("Payout to Anna's Phones").await?;
    check_page(browser, "8-payout").await?;
    browser.click("Approve").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    check_page(browser, "9-what-approving-does").await?;
    browser.click("Approve").await?;
    browser.see(PAYOUT_APPROVED).await?;
    browser.click(PAY).await?;
    browser.see("Bank reference").await?;
    check_page(browser, "10-pay-form").await?;
    browser.click(PAY).await?;
    browser.see(FAULTS).await?;
    browser.fill("Bank reference", "2026-0815").await?;
    browser.click(PAY).await?;
    browser.see(PAYOUT_PAID).await?;
    browser.see("15.20 EUR").await?;
    check_page(browser, "11-paid").await
}

async fn give_back(browser: &Browser) -> Result<()> {
    browser.click("Record a return").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.fill(REASON, "The account is closed").await?;
    check_page(browser, "12-what-a-return-does").await?;
    browser.click("Record a return").await?;
    browser.see(FREE_AGAIN).await?;
    check_page(browser, "13-returned").await
}

async fn see_what_became_of_it(pair: &Pair, browser: &Browser) -> Result<()> {
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, AGENT, PASSWORD).await?;
    browser.see("50.00 EUR").await?;
    go_to(browser, "Payouts", "The account is closed").await?;
    browser.see("100.00 EUR").await?;
    check_page(browser, "14-payouts-of-the-agent").await?;
    browser.click("80.00 EUR").await?;
    browser.see("Bank transfer, 2026-0815, with 15.20 EUR of value-added tax").await?;
    check_page(browser, "14-what-happened").await?;
    go_to(browser, "Earnings", "Payout returned").await?;
    browser.see("Payout requested: 80.00 EUR").await?;
    check_page(browser, "15-ledger-of-the-agent").await
}

async fn an_operator_mends_payments_and_balances(pair: &Pair, browser: &Browser) -> Result<()> {
    let (agent, customer) = set_up(pair).await?;
    pays(pair, "inv-1", &customer, "80.00").await?;
    is_earned(pair, "inv-1").await?;
    pays(pair, "inv-2", "9999999999", "40.00").await?;
    let refund = json!({"reference": "ref-1", "amount": {"amount": "30.00", "currency": "EUR"}});
    pair.agents(0).api.post("/payments/inv-1/refunds").json(&refund).expect(201).await?;
    pair.agents(0).api.post("/payments/inv-3/refunds").json(&refund).expect(202).await?;
    operator_at_work(pair, browser).await?;
    payments(browser).await?;
    attribute(browser, &customer).await?;
    correct(pair, browser, &agent).await?;
    open_menu(browser).await?;
    browser.see(OPERATOR).await
}

async fn payments(browser: &Browser) -> Result<()> {
    go_to(browser, "Payments", "inv-2").await?;
    check_page(browser, "1-payments").await?;
    browser.click("inv-1").await?;
    browser.see("-3.75 EUR").await?;
    check_page(browser, "2-payment-with-refund").await?;
    go_to(browser, "Payments", "inv-2").await?;
    browser.click("Refunds that do not fit").await?;
    browser.see("Waits for its payment").await?;
    check_page(browser, "3-open-refunds").await
}

async fn attribute(browser: &Browser, customer: &str) -> Result<()> {
    go_to(browser, "Payments", "unattributed").await?;
    browser.click("inv-2").await?;
    browser.see("The customer is unknown").await?;
    check_page(browser, "4-unknown-customer").await?;
    browser.click(WHOSE).await?;
    browser.see("Customer number").await?;
    browser.fill("Customer number", "8888888888").await?;
    browser.fill(REASON, "The bank named the customer").await?;
    browser.click(ATTRIBUTE).await?;
    browser.see("no customer").await?;
    check_page(browser, "5-no-such-customer").await?;
    browser.fill("Customer number", customer).await?;
    browser.click(ATTRIBUTE).await?;
    browser.see(ATTRIBUTED).await?;
    browser.see("5.00 EUR").await?;
    check_page(browser, "6-attributed").await
}

async fn correct(pair: &Pair, browser: &Browser, agent: &str) -> Result<()> {
    browser.open(&office_url(pair, &format!("/agents/{agent}"))).await?;
    browser.click("Ledger").await?;
    browser.see("11.25 EUR").await?;
    check_page(browser, "7-ledger").await?;
    browser.click(CORRECT).await?;
    browser.see("With a minus sign").await?;
    browser.fill("Amount", "-11.255").await?;
    browser.click(CORRECT).await?;
    browser.see(FAULTS).await?;
    check_page(browser, "8-correction-with-faults").await?;
    browser.fill("Amount", "-20.00").await?;
    browser.fill(REASON, "Paid twice in the old system").await?;
    browser.click(CORRECT).await?;
    browser.see(CORRECTED).await?;
    browser.see("-8.75 EUR").await?;
    browser.see("Paid twice in the old system").await?;
    check_page(browser, "9-corrected").await?;
    go_to(browser, "Commission", "Owed, earned or held").await?;
    browser.see("-20.00 EUR").await?;
    check_page(browser, "10-ledger-over-all").await
}
