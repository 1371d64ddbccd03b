//! The manual, "Agent Creation": an agent is added with a login, a password, at least one screen and a remittance
//! threshold; other fields are optional.

use harness::operator::PASSWORD;
use harness::texts::agents::{
    ADD, COMMISSION, COMPANY, EMAIL, NAME, NONE, SCREENS, SEARCH as WHOM, THRESHOLD, THRESHOLD_CURRENCY,
};
use harness::texts::door::{LOGIN, PASSWORD as PASSWORD_FIELD};
use harness::texts::office::{ADDED, CHANGED, CONFIRM, FAULTS, SEARCH};
use harness::{Browser, Pair, Result, ensure};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(the_manuals_agent_creation);

async fn the_manuals_agent_creation(pair: &Pair, browser: &Browser) -> Result<()> {
    operator_at_work(pair, browser).await?;
    check_page(browser, "1-nothing-sold-yet").await?;
    go_to(browser, "Agents", NONE).await?;
    check_page(browser, "2-no-agent-yet").await?;
    browser.click(ADD).await?;
    browser.see(SCREENS).await?;
    check_page(browser, "3-form").await?;

    // A login alone is not enough: the form comes back with the typed values and the missing fields.
    browser.fill(LOGIN, "anna-agent").await?;
    browser.fill(COMMISSION, "200").await?;
    browser.click(CONFIRM).await?;
    browser.see(FAULTS).await?;
    for field in [PASSWORD_FIELD, THRESHOLD, COMMISSION] {
        ensure!(!browser.fault(field).await?.is_empty(), "no violation is shown beside {field}");
    }
    browser.see("Screens of the portal is required").await?;
    ensure!(browser.value(LOGIN).await? == "anna-agent", "the login must be typed again");
    check_page(browser, "4-faults").await?;
    browser.darkened("4-faults-in-the-dark").await?;

    browser.fill(PASSWORD_FIELD, PASSWORD).await?;
    browser.check("Signup URLs").await?;
    browser.check("Customers").await?;
    browser.fill(THRESHOLD, "100").await?;
    browser.fill(THRESHOLD_CURRENCY, "EUR").await?;
    browser.fill(NAME, "Anna's Phones").await?;
    browser.fill(COMMISSION, "7.5").await?;
    browser.fill(COMPANY, "Anna's Phones Ltd").await?;
    browser.fill(EMAIL, "anna@agent.example").await?;
    browser.click(CONFIRM).await?;
    for words in [ADDED, "Anna's Phones", "anna-agent", "Signup URLs", "100.00 EUR", "7.5 %", "anna@agent.example"] {
        browser.see(words).await?;
    }
    browser.see_no(PASSWORD).await?;
    check_page(browser, "5-agent").await?;

    // She is found by any of her names, and her history shows the changes.
    go_to(browser, "Agents", "anna-agent").await?;
    browser.fill(WHOM, "phones ltd").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("search=phones").await?;
    browser.click("Anna's Phones").await?;
    browser.click("History").await?;
    browser.see("agent created").await?;
    browser.click("Overview").await?;
    browser.click("Edit").await?;
    browser.see("New password").await?;
    check_page(browser, "6-edit").await?;
    browser.fill(COMMISSION, "8").await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    browser.click("History").await?;
    browser.see("commission: 7.5 → 8").await
}
