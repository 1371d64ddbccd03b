//! The manual, "Call Plans Usable": the agent is edited, and several call plans are added at once. Then some are
//! withdrawn, and a plan is retired; each page shows the consequences first.

use harness::texts::office::{ADDED, CONFIRM, REASON, WHAT_WILL_HAPPEN};
use harness::texts::plans::{
    ADD, ADD_USABLE, DESCRIPTION, GRANTED, NAME, NOTHING_TO_SELL, PRICE, RETIRE, RETIRE_FOR_GOOD, RETIRED, USABLE,
    WITHDRAW, WITHDRAW_SEVERAL, WITHDRAWN,
};
use harness::{Browser, Pair, Result, Seller, ensure, json};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(the_manuals_call_plans_usable);

async fn the_manuals_call_plans_usable(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones"})).await?.id;
    operator_at_work(pair, browser).await?;
    add_plans(browser).await?;

    go_to(browser, "Agents", "Anna's Phones").await?;
    browser.click("Anna's Phones").await?;
    browser.see(NOTHING_TO_SELL).await?;
    browser.click(ADD_USABLE).await?;
    browser.see("entitled to sell").await?;
    browser.check("World 300").await?;
    browser.check("Call-through").await?;
    check_page(browser, "3-several-at-once").await?;
    browser.click(CONFIRM).await?;
    browser.see(GRANTED).await?;
    browser.see(USABLE).await?;
    check_page(browser, "4-usable").await?;
    ensure!(operator.plans_usable(&agent).await?.len() == 2, "not both plans were granted");

    browser.click_in("Call-through offered", WITHDRAW).await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.fill(REASON, "The contract has ended").await?;
    check_page(browser, "5-what-withdrawing-stops").await?;
    browser.click(WITHDRAW).await?;
    browser.see(WITHDRAWN).await?;
    ensure!(operator.plans_usable(&agent).await?.len() == 1, "the plan was not withdrawn");

    withdraw_several(pair, browser, &agent).await?;
    go_to(browser, "Call plans", "World 300").await?;
    browser.click("World 300").await?;
    browser.see(PRICE).await?;
    check_page(browser, "6-plan").await?;
    browser.click(RETIRE).await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    check_page(browser, "7-what-retiring-stops").await?;
    browser.click(RETIRE_FOR_GOOD).await?;
    browser.see(RETIRED).await
}

/// The page shows the consequences; a withdrawal without a chosen plan is an error.
async fn withdraw_several(pair: &Pair, browser: &Browser, agent: &str) -> Result<()> {
    let operator = pair.agents(0);
    browser.click(ADD_USABLE).await?;
    browser.check("Fax").await?;
    browser.click(CONFIRM).await?;
    browser.see(GRANTED).await?;
    let group = operator.add_group("VoIP", agent).await?.id;
    for plan in operator.plans_usable(agent).await? {
        let plan = plan["id"].as_str().unwrap_or_default().to_owned();
        operator.add_key(&Seller { agent: agent.to_owned(), plan, group: group.clone() }).await?;
    }
    browser.click(WITHDRAW_SEVERAL).await?;
    browser.see("Fax: 1 signup URL stops").await?;
    browser.click(WITHDRAW).await?;
    browser.see("needs at least one choice").await?;
    check_page(browser, "5-nothing-chosen").await?;
    browser.check("Fax").await?;
    browser.check("World 300").await?;
    browser.fill(REASON, "The contract has ended").await?;
    check_page(browser, "5-several-withdrawn").await?;
    browser.click(WITHDRAW).await?;
    browser.see(WITHDRAWN).await?;
    browser.see(NOTHING_TO_SELL).await?;
    ensure!(operator.plans_usable(agent).await?.is_empty(), "not both plans were withdrawn");
    Ok(())
}

async fn add_plans(browser: &Browser) -> Result<()> {
    go_to(browser, "Call plans", "No call plans yet").await?;
    check_page(browser, "1-no-plan-yet").await?;
    for (name, price) in [("World 300", "9.90 EUR a month"), ("Call-through", "2 cents a minute"), ("Fax", "")] {
        browser.click(ADD).await?;
        browser.see(PRICE).await?;
        browser.fill(NAME, name).await?;
        browser.fill(DESCRIPTION, "For customers who call abroad.").await?;
        browser.fill(PRICE, price).await?;
        browser.click(CONFIRM).await?;
        browser.see(ADDED).await?;
        browser.see(name).await?;
    }
    check_page(browser, "2-plans").await
}
