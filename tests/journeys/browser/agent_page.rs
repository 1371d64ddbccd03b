//! The parts of an agent's page: each is one click away, on every screen and without script.

use harness::{Browser, Pair, Result, ensure};

use super::{annas_key, check_page, go_to, operator_at_work};

harness::on_screens!(an_agents_page_has_parts);

async fn an_agents_page_has_parts(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    operator_at_work(pair, browser).await?;
    go_to(browser, "Agents", "anna-agent").await?;
    check_page(browser, "1-agents").await?;
    browser.click("Anna's Phones").await?;
    browser.see("Signups today").await?;
    check_page(browser, "2-overview").await?;
    for (number, part, words) in [
        (3, "URLs", key.as_str()),
        (4, "Placed customers", "No customers yet"),
        (5, "Plans and groups", "World 300"),
        (6, "Money", "No payouts yet"),
        (7, "Messages", "There is no message yet"),
        (8, "History", "agent created"),
    ] {
        browser.click(part).await?;
        browser.see(words).await?;
        check_page(browser, &format!("{number}-{}", part.to_lowercase().replace(' ', "-"))).await?;
    }
    browser.click("Overview").await?;
    browser.see("Signups today").await?;
    browser.click("Copy from this agent").await?;
    browser.see("Screens of the portal").await?;
    ensure!(browser.is_checked("World 300").await?, "the call plan is not copied");
    ensure!(browser.value("Login").await?.is_empty(), "the login is copied");
    check_page(browser, "9-copied").await
}
