//! Call plans are found, changed and retired; groups are found by agent, released, and renamed.

use harness::texts::groups::{AGENT, DESCRIPTION, MOVE, NAME as GROUP_NAME};
use harness::texts::office::{CHANGED, CONFIRM, FAULTS, SEARCH, WHAT_WILL_HAPPEN};
use harness::texts::plans::{NAME, PRICE, RETIRE, RETIRE_FOR_GOOD, RETIRED};
use harness::{Browser, Pair, Result, ensure, json};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(call_plans_are_found_changed_and_retired, groups_are_found_changed_and_given_away);

async fn call_plans_are_found_changed_and_retired(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    for name in ["World 300", "City flat", "Call-through"] {
        operator.add_plan_with(&json!({"name": name, "price_text": "9.90 EUR a month"})).await?;
    }
    operator_at_work(pair, browser).await?;
    go_to(browser, "Call plans", "City flat").await?;
    browser.fill(NAME, "city").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("search=city").await?;
    browser.see_no("World 300").await?;
    browser.click("City flat").await?;
    browser.see("No agent may sell it yet").await?;
    browser.click("Edit").await?;
    browser.see(PRICE).await?;
    browser.fill(NAME, "").await?;
    browser.click(CONFIRM).await?;
    browser.see(FAULTS).await?;
    ensure!(!browser.fault(NAME).await?.is_empty(), "no violation is shown beside the name");
    browser.fill(NAME, "City flat plus").await?;
    browser.fill(PRICE, "12 EUR a month").await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    check_page(browser, "1-changed").await?;

    browser.click(RETIRE).await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.click(RETIRE_FOR_GOOD).await?;
    browser.see(RETIRED).await?;
    go_to(browser, "Call plans", "City flat plus").await?;
    browser.choose("State", "Retired").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("state=retired").await?;
    browser.see_no("World 300").await?;
    check_page(browser, "2-retired-plans").await?;
    browser.click("City flat plus").await?;
    for words in ["Nobody can sign up for it any more", "12 EUR a month", "call plan retired", super::OPERATOR] {
        browser.see(words).await?;
    }
    browser.see_no(CONFIRM).await?;
    check_page(browser, "3-a-retired-plan").await
}

async fn groups_are_found_changed_and_given_away(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    for (agent, login, group) in
        [("Anna's Phones", "anna-agent", "VoIP"), ("Berta's Calls", "berta-agent", "Call-through customers")]
    {
        let agent = operator.add_agent_with(json!({"name": agent, "login": login})).await?.id;
        operator.add_group(group, &agent).await?;
    }
    operator_at_work(pair, browser).await?;
    go_to(browser, "Groups", "VoIP").await?;
    browser.choose("Agent", "Berta's Calls (berta-agent)").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("agent_id=").await?;
    browser.see_no("VoIP").await?;
    check_page(browser, "1-of-one-agent").await?;
    browser.click("Call-through customers").await?;
    browser.click("Edit").await?;
    browser.see(DESCRIPTION).await?;
    browser.fill(GROUP_NAME, "ab").await?;
    browser.click(CONFIRM).await?;
    browser.see(FAULTS).await?;
    ensure!(!browser.fault(GROUP_NAME).await?.is_empty(), "no violation is shown beside the name");
    browser.fill(GROUP_NAME, "Call-through").await?;
    browser.uncheck("Invoices").await?;
    browser.check("Recordings").await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    go_to(browser, "Groups", "Call-through").await?;
    browser.click("Call-through").await?;
    browser.click("Edit").await?;
    browser.see(DESCRIPTION).await?;
    ensure!(!browser.is_checked("Invoices").await?, "an element is still seen");
    ensure!(browser.is_checked("Recordings").await?, "an element is not seen yet");

    browser.choose(AGENT, "Nobody yet").await?;
    browser.click(CONFIRM).await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    check_page(browser, "2-what-giving-away-does").await?;
    browser.click(MOVE).await?;
    browser.see(CHANGED).await?;
    go_to(browser, "Groups", "Call-through").await?;
    browser.see("nobody").await?;
    check_page(browser, "3-nobodys-group").await
}
