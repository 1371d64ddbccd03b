//! Statements: the operator issues one of a payout that was paid, and corrects it; the agent reads both.

use harness::operator::PASSWORD;
use harness::texts::groups::AGENT;
use harness::texts::office::{FAULTS, WHAT_WILL_HAPPEN};
use harness::{Browser, Pair, Result, Value, json};

use super::earning::{self, is_earned, pays, set_up_with};
use super::{check_page, go_to, leave, office_url, operator_at_work, sign_in};

harness::on_screens!(a_payout_has_its_statement_and_its_correction);

/// An agent to whom 50.00 euros and their tax were paid; returns the payout.
async fn set_up(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let contact = json!({"company": "Anna's Phones", "address": "Καλλιθέα 5", "city": "Łódź", "country": "PL"});
    let (agent, customer) = set_up_with(pair, json!({"contact": contact})).await?;
    pays(pair, "inv-1", &customer, "400.00").await?;
    is_earned(pair, "inv-1").await?;
    let asked = json!({"agent_id": agent, "amount": {"amount": "50.00", "currency": "EUR"}});
    let payout: Value = operator.api.post("/remittances").json(&asked).expect(201).await?;
    let payout = payout["id"].as_str().unwrap_or_default().to_owned();
    let how = json!({"method": "bank_transfer", "bank_reference": "2026-0816"});
    for (step, body) in [("approve", json!({})), ("pay", how)] {
        operator.api.post(&format!("/remittances/{payout}/{step}")).json(&body).expect(200).await?;
    }
    Ok(payout)
}

async fn a_payout_has_its_statement_and_its_correction(pair: &Pair, browser: &Browser) -> Result<()> {
    let payout = set_up(pair).await?;
    operator_at_work(pair, browser).await?;
    go_to(browser, "Statements", "No statements yet").await?;
    check_page(browser, "1-none-yet").await?;
    browser.click("Issue a statement").await?;
    browser.see("The id of a payout").await?;
    browser.click("Issue the statement").await?;
    browser.see(FAULTS).await?;
    check_page(browser, "2-form-with-faults").await?;
    browser.choose(AGENT, "Anna's Phones (anna-agent)").await?;
    browser.fill("Payout", &payout).await?;
    browser.click("Issue the statement").await?;
    browser.see("9.50").await?;
    check_page(browser, "3-statement").await?;
    browser.click("Correct").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.click("Issue the correction").await?;
    browser.see("9.50").await?;
    go_to(browser, "Statements", "A payout").await?;
    check_page(browser, "4-statements").await?;
    leave(browser).await?;

    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, earning::AGENT, PASSWORD).await?;
    browser.see("50.00 EUR").await?;
    go_to(browser, "Statements", "A payout").await?;
    check_page(browser, "5-statements-of-the-agent").await?;
    browser.open(&office_url(pair, "/portal/statements/1")).await?;
    browser.see("9.50").await?;
    check_page(browser, "6-statement-of-the-agent").await
}
