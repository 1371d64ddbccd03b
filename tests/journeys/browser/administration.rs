//! Operators, API tokens, the operator's own password, and the event log.

use harness::operator::PASSWORD;
use harness::texts::door::{
    CURRENT_PASSWORD, LOGIN, NEW_PASSWORD, NOT_THE_ONE, PASSWORD as PASSWORD_FIELD, PASSWORD_CHANGED,
};
use harness::texts::office::{ADDED, CONFIRM, SEARCH};
use harness::{Browser, Pair, Result};

use super::{OPERATOR, check_page, go_to, open_menu, operator_at_work};

harness::on_screens!(operators_tokens_passwords_and_the_event_log);

async fn operators_tokens_passwords_and_the_event_log(pair: &Pair, browser: &Browser) -> Result<()> {
    operator_at_work(pair, browser).await?;
    operators(browser).await?;
    tokens(pair, browser).await?;
    own_password(browser).await?;
    event_log(browser).await
}

async fn operators(browser: &Browser) -> Result<()> {
    go_to(browser, "Settings", "System settings").await?;
    browser.click("Operators").await?;
    browser.see(OPERATOR).await?;
    check_page(browser, "1-operators").await?;
    browser.click("Add operator").await?;
    browser.see("12 or more characters").await?;
    check_page(browser, "2-operator-form").await?;
    browser.fill(LOGIN, "otto-operator").await?;
    browser.fill(PASSWORD_FIELD, PASSWORD).await?;
    browser.click(CONFIRM).await?;
    browser.see(ADDED).await?;
    browser.see("otto-operator").await
}

async fn tokens(pair: &Pair, browser: &Browser) -> Result<()> {
    go_to(browser, "Settings", "System settings").await?;
    browser.click("API tokens").await?;
    browser.see("Issue token").await?;
    check_page(browser, "3-tokens").await?;
    browser.click("Issue token").await?;
    browser.see("What the token is for").await?;
    browser.fill("Name", "Billing").await?;
    browser.check("agents:read").await?;
    check_page(browser, "4-token-form").await?;
    browser.click("Issue token").await?;
    browser.see("the only time that the token is shown").await?;
    check_page(browser, "5-token-shown-once").await?;
    let text = browser.text().await?;
    let token = text.split("Copy it now.").nth(1).unwrap_or_default().split_whitespace().next().unwrap_or_default();
    let program = pair.agents_api(0).with_token(Some(token));
    program.get("/api/v1/agents").expect(200).await?;
    program.get("/api/v1/api-tokens").refused(403, "forbidden").await?;

    browser.click("All API tokens").await?;
    browser.see("Billing").await?;
    browser.see_no(token).await?;
    browser.click_in("Billing", "Revoke").await?;
    browser.see("refused at once, for good").await?;
    check_page(browser, "6-what-revoking-does").await?;
    browser.click("Revoke for good").await?;
    browser.see("Revoked for good.").await?;
    program.get("/api/v1/agents").refused(401, "unauthenticated").await.map(drop)
}

async fn own_password(browser: &Browser) -> Result<()> {
    open_menu(browser).await?;
    browser.click(OPERATOR).await?;
    browser.see(NEW_PASSWORD).await?;
    check_page(browser, "7-my-account").await?;
    browser.fill(CURRENT_PASSWORD, "not my password").await?;
    browser.fill(NEW_PASSWORD, "an even longer password").await?;
    browser.click(CONFIRM).await?;
    browser.see(NOT_THE_ONE).await?;
    browser.fill(CURRENT_PASSWORD, PASSWORD).await?;
    browser.fill(NEW_PASSWORD, "an even longer password").await?;
    browser.click(CONFIRM).await?;
    browser.see(PASSWORD_CHANGED).await
}

async fn event_log(browser: &Browser) -> Result<()> {
    go_to(browser, "Activity", "operator created").await?;
    check_page(browser, "8-activity").await?;
    browser.choose("About", "API tokens").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("things=token-").await?;
    browser.see("api token issued").await?;
    browser.see_no("operator created").await?;
    browser.click("Event log").await?;
    browser.see("Position").await?;
    check_page(browser, "9-events").await?;
    browser.choose("Type", "api token issued").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("api_token_issued").await?;
    browser.see("Billing").await?;
    browser.see_no("otto-operator").await?;
    check_page(browser, "10-events-of-a-type").await?;
    browser.fill("Stream", "agent-nobody").await?;
    browser.click(SEARCH).await?;
    browser.see("No events match").await
}
