//! Pausing, revoking, suspending and closing show their consequences first. The history has all of it, and an agent
//! can be shown as on an earlier day.

use harness::texts::agents::{AS_IT_WAS_ON, CLOSED, NOT_THERE_YET, REINSTATED, SUSPENDED};
use harness::texts::keys::{PAUSED, RESUMED, REVOKED};
use harness::texts::office::{REASON, WHAT_WILL_HAPPEN};
use harness::{Browser, Pair, Result, ensure, seconds};

use super::{annas_key, check_page, go_to, operator_at_work};

harness::on_screens!(a_signup_url_is_paused_resumed_and_revoked, an_agent_is_suspended_reinstated_and_closed);

async fn a_signup_url_is_paused_resumed_and_revoked(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    let visitor = pair.signup(0);
    operator_at_work(pair, browser).await?;
    go_to(browser, "Signup URLs", "Shop window").await?;
    browser.click_in("Shop window", "http").await?;
    browser.click("Pause").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    check_page(browser, "1-what-pausing-does").await?;
    browser.fill(REASON, "Out of stock").await?;
    browser.click("Pause").await?;
    browser.see(PAUSED).await?;
    browser.see("Out of stock").await?;
    visitor.refused_within(seconds(5), &key, "paused").await?;
    check_page(browser, "2-paused").await?;

    browser.click("Resume").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.click("Resume").await?;
    browser.see(RESUMED).await?;
    visitor.usable_within(seconds(5), &key).await?;

    browser.click("Revoke").await?;
    browser.see("Its key is never used again").await?;
    browser.click("Revoke for good").await?;
    browser.see(REVOKED).await?;
    visitor.refused_within(seconds(5), &key, "revoked").await?;
    check_page(browser, "3-revoked").await
}

async fn an_agent_is_suspended_reinstated_and_closed(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    let visitor = pair.signup(0);
    operator_at_work(pair, browser).await?;
    go_to(browser, "Agents", "anna-agent").await?;
    browser.click("Anna's Phones").await?;
    browser.click("Suspend").await?;
    browser.see("1 signup URL stops at once, until the agent is reinstated").await?;
    check_page(browser, "1-what-suspending-stops").await?;
    browser.fill(REASON, "Unpaid invoices").await?;
    browser.click("Suspend").await?;
    browser.see(SUSPENDED).await?;
    visitor.refused_within(seconds(5), &key, "agent_suspended").await?;
    check_page(browser, "2-suspended").await?;
    browser.click("History").await?;
    browser.see("Unpaid invoices").await?;
    browser.click("Overview").await?;

    browser.click("Reinstate").await?;
    browser.see("The suspension no longer stops 1 signup URL").await?;
    browser.click("Reinstate").await?;
    browser.see(REINSTATED).await?;
    visitor.usable_within(seconds(5), &key).await?;

    browser.click("Close").await?;
    browser.see("1 signup URL stops for good").await?;
    check_page(browser, "3-what-closing-stops").await?;
    browser.click("Close for good").await?;
    browser.see(CLOSED).await?;
    visitor.refused_within(seconds(5), &key, "agent_closed").await?;
    browser.see_no("Add").await?;
    browser.click("History").await?;
    for words in ["agent suspended", "agent reinstated", "agent closed", super::OPERATOR] {
        browser.see(words).await?;
    }
    check_page(browser, "4-closed-with-history").await?;
    as_it_was(browser).await
}

async fn as_it_was(browser: &Browser) -> Result<()> {
    browser.fill(AS_IT_WAS_ON, "2020-01-31").await?;
    browser.click("Show").await?;
    browser.see(NOT_THERE_YET).await?;
    check_page(browser, "5-not-there-yet").await?;
    browser.fill(AS_IT_WAS_ON, "2999-12-31").await?;
    browser.click("Show").await?;
    browser.see("as on 2999-12-31").await?;
    check_page(browser, "6-as-it-was-on-a-day").await?;
    ensure!(browser.value(AS_IT_WAS_ON).await? == "2999-12-31", "the day is forgotten");
    Ok(())
}
