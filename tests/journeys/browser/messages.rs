//! The message board: an agent asks, the operator answers, and each sees the authors.

use harness::operator::PASSWORD;
use harness::texts::messages::{MESSAGE, NOBODY_WROTE, NONE, SEND, SENT};
use harness::{Browser, Key, Pair, Result, ensure, eventually, json, seconds};

use super::{check_page, go_to, leave, office_url, operator_at_work, sign_in};

harness::on_screens!([desktop, phone](an_agent_asks_and_the_operator_answers));

const QUESTION: &str = "May I sell \"World 300\" from May on?\nBest regards <Anna>";

async fn an_agent_asks_and_the_operator_answers(pair: &Pair, browser: &Browser) -> Result<()> {
    let agent = json!({"name": "Anna's Phones", "login": "anna-agent", "permissions": ["support"]});
    pair.agents(0).add_agent_with(agent).await?;
    operator_at_work(pair, browser).await?;
    go_to(browser, "Support", NOBODY_WROTE).await?;
    check_page(browser, "1-nobody-wrote").await?;
    leave(browser).await?;

    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("100.00 EUR").await?;
    go_to(browser, "Support", NONE).await?;
    check_page(browser, "2-no-message-yet").await?;
    browser.click(SEND).await?;
    browser.see("must not be empty").await?;
    check_page(browser, "3-an-empty-message").await?;
    browser.fill(MESSAGE, QUESTION).await?;
    browser.click(SEND).await?;
    browser.see(SENT).await?;
    browser.see("Best regards <Anna>").await?;
    check_page(browser, "4-asked").await?;
    leave(browser).await?;

    browser.open(&office_url(pair, "/support")).await?;
    sign_in(browser, super::OPERATOR, PASSWORD).await?;
    browser.see("May I sell").await?;
    check_page(browser, "5-boards").await?;
    browser.click("Canned answers").await?;
    browser.see("No canned answers yet").await?;
    check_page(browser, "6-no-canned-answer").await?;
    browser.click("Add canned answer").await?;
    browser.fill("Name", "World 300").await?;
    browser.fill("Text", "Yes, from the first of May on.").await?;
    check_page(browser, "7-a-canned-answer").await?;
    browser.click("Confirm data").await?;
    browser.see("Added.").await?;
    browser.open(&office_url(pair, "/support")).await?;
    browser.see("May I sell").await?;
    browser.click("Anna's Phones").await?;
    browser.choose("Canned answer", "World 300").await?;
    // The script puts the text in, and the page stays.
    browser.tab_to("Use").await?;
    browser.press(Key::Enter).await?;
    eventually(seconds(5), async || {
        let value = browser.value(MESSAGE).await?;
        ensure!(value == "Yes, from the first of May on.", "the message is {value:?}");
        Ok(())
    })
    .await?;
    check_page(browser, "8-used").await?;
    browser.click(SEND).await?;
    browser.see(SENT).await?;
    browser.see("from the first of May").await?;
    check_page(browser, "9-answered").await
}
