//! The manual, "Customer Group": a group with a name and a short description belongs to an agent and has some
//! elements of the customer UI. Moving it to another agent shows the consequences first.

use harness::texts::groups::{ADD, AGENT, DESCRIPTION, MOVE, NAME, NONE, STOPS};
use harness::texts::office::{ADDED, CHANGED, CONFIRM, WHAT_WILL_HAPPEN};
use harness::{Browser, Pair, Result, Seller, ensure, json};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(the_manuals_customer_group);

async fn the_manuals_customer_group(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?.id;
    operator.add_agent_with(json!({"name": "Berta's Calls", "login": "berta-agent"})).await?;
    operator_at_work(pair, browser).await?;
    // Customers, Groups, Add Group.
    go_to(browser, "Customers", "No customers yet").await?;
    check_page(browser, "1-no-customer-yet").await?;
    browser.click("Groups").await?;
    browser.see(NONE).await?;
    check_page(browser, "2-no-group-yet").await?;
    browser.click(ADD).await?;
    browser.see("The agent to which this group belongs").await?;
    browser.fill(NAME, "VoIP").await?;
    browser.fill(DESCRIPTION, "Everybody who calls over the internet").await?;
    browser.choose(AGENT, "Anna's Phones (anna-agent)").await?;
    for element in ["Password", "SIP and IAX", "Invoices"] {
        browser.check(element).await?;
    }
    check_page(browser, "3-form").await?;
    browser.click(CONFIRM).await?;
    browser.see(ADDED).await?;
    browser.see("Everybody who calls over the internet").await?;
    check_page(browser, "4-groups").await?;

    let group = operator.list("/groups").await?[0].clone();
    ensure!(group["agent_id"] == *agent, "the group is not Anna's: {group}");
    ensure!(group["ui_elements"] == json!(["password", "sip_iax", "invoices"]), "other elements: {group}");
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    let group = group["id"].as_str().unwrap_or_default().to_owned();
    operator.add_key(&Seller { agent, plan, group }).await?;

    browser.click("VoIP").await?;
    browser.see("No members yet").await?;
    check_page(browser, "4-group").await?;
    browser.click("Edit").await?;
    browser.see(DESCRIPTION).await?;
    ensure!(browser.is_checked("Invoices").await?, "an element was forgotten");
    browser.choose(AGENT, "Berta's Calls (berta-agent)").await?;
    browser.click(CONFIRM).await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.see(STOPS).await?;
    check_page(browser, "5-what-moving-stops").await?;
    browser.click(MOVE).await?;
    browser.see(CHANGED).await?;
    check_page(browser, "6-moved").await
}
