//! What a reader makes of a list: its columns, and a list that is saved by a name.

use harness::texts::office::{CHANGED, SEARCH};
use harness::{Browser, Pair, Result, json};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!([phone, desktop, without_script](a_list_is_made_to_order_and_saved));

const TOOLS: &str = "Columns, save this list";

async fn a_list_is_made_to_order_and_saved(pair: &Pair, browser: &Browser) -> Result<()> {
    let agent = pair.agents(0).add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?.id;
    pair.agents(0).turn_agent(&agent, "suspend").await?;
    operator_at_work(pair, browser).await?;
    go_to(browser, "Agents", "Anna's Phones").await?;
    browser.see("Last sale").await?;
    browser.click(TOOLS).await?;
    browser.see("Save this list as").await?;
    check_page(browser, "1-tools").await?;
    for column in ["Last sale", "Last 30 days", "URLs"] {
        browser.uncheck(column).await?;
    }
    browser.click("Show these columns").await?;
    browser.comes_to("column=Login").await?;
    browser.see_no("Last sale").await?;
    browser.choose("State", "Suspended").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("state=suspended").await?;
    browser.see_no("Last sale").await?;
    browser.click(TOOLS).await?;
    browser.fill("Save this list as", "Asleep").await?;
    browser.click("Save").await?;
    browser.see("The list is saved by this name.").await?;
    check_page(browser, "2-saved").await?;
    go_to(browser, "Agents", "Asleep").await?;
    browser.click("Asleep").await?;
    browser.comes_to("state=suspended").await?;
    browser.see("Anna's Phones").await?;
    browser.click(TOOLS).await?;
    browser.click("All saved lists").await?;
    browser.see("Forget these").await?;
    check_page(browser, "3-saved-lists").await?;
    browser.check("Asleep").await?;
    browser.click("Forget the chosen lists").await?;
    browser.see(CHANGED).await?;
    browser.see("No saved lists").await?;
    check_page(browser, "4-none").await
}
