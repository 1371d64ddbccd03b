//! The manual, "Signup URL's": the agent is selected, then their call plan and their group; a URL with "localhost"
//! shows a warning and is corrected in the settings, without a new key; a visitor who follows it becomes a customer
//! of that agent, call plan and group, and the operator sees the sale with its proof.

use harness::names::{Person, Rng, person};
use harness::texts::customers::{ERASE, ERASE_FOR_GOOD, ERASED, PROOF, SEARCH as WHOM};
use harness::texts::keys::{
    ADD, AGENT, CAP, CHOOSE_AGENT, GROUP, INTERFACE_URL, LABEL, LOCALHOST, NOT_HTTPS, OPEN, PLAN, PRINT, QR_CODE,
};
use harness::texts::office::{ADDED, CHANGED, CONFIRM, REASON, SEARCH};
use harness::texts::signup::{DONE, SEND};
use harness::{Browser, Context, Pair, Result, Value, eventually, json, seconds};

use super::{check_page, fill_in, go_to, office_url, only_placement, operator_at_work, see_number};

harness::on_screens!(the_manuals_signup_url);

async fn the_manuals_signup_url(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = person(&mut Rng::new(11), 1);
    set_up(pair).await?;
    operator_at_work(pair, browser).await?;
    let key = add(pair, browser).await?;
    correct(pair, browser, &key).await?;
    let placement = follow(pair, browser, &visitor).await?;
    let number = placement["customer_number"].as_str().context("a placement has a number")?;
    see_the_customer(pair, browser, &visitor, number, &key).await?;
    see_the_sale(browser, &key).await?;
    print(browser).await?;
    erase(browser, &visitor, number).await
}

/// An agent who may sell a call plan and has a group.
async fn set_up(pair: &Pair) -> Result<()> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?.id;
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    operator.add_group("VoIP", &agent).await.map(drop)
}

async fn add(pair: &Pair, browser: &Browser) -> Result<String> {
    go_to(browser, "Signup URLs", "No signup URLs yet").await?;
    check_page(browser, "1-no-url-yet").await?;
    browser.click(ADD).await?;
    browser.see(AGENT).await?;
    check_page(browser, "2-the-agent-first").await?;
    browser.choose(AGENT, "Anna's Phones (anna-agent)").await?;
    browser.click(CHOOSE_AGENT).await?;
    browser.see(PLAN).await?;
    browser.choose(PLAN, "World 300").await?;
    browser.choose(GROUP, "VoIP").await?;
    browser.fill(LABEL, "Shop window").await?;
    browser.fill(CAP, "5").await?;
    check_page(browser, "3-form").await?;
    browser.click(ADD).await?;
    browser.see(ADDED).await?;
    browser.see(LOCALHOST).await?;
    check_page(browser, "4-localhost").await?;
    let keys = pair.agents(0).list("/signup-keys").await?;
    let key = keys.first().and_then(|key| key["key"].as_str()).context("there is a key")?.to_owned();
    browser.see(&format!("/signup/{key}")).await?;
    Ok(key)
}

/// Corrects the Customer Interface URL in the system settings.
async fn correct(pair: &Pair, browser: &Browser, key: &str) -> Result<()> {
    go_to(browser, "Settings", INTERFACE_URL).await?;
    browser.see(LOCALHOST).await?;
    check_page(browser, "5-settings").await?;
    let port = pair.signup_api(0).base().rsplit(':').next().unwrap_or_default().to_owned();
    let outside = format!("http://my.example.com:{port}");
    browser.fill(INTERFACE_URL, &outside).await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    browser.see_no(LOCALHOST).await?;
    browser.see(NOT_HTTPS).await?;
    go_to(browser, "Signup URLs", "Shop window").await?;
    browser.click(&format!("{outside}/signup/{key}")).await?;
    browser.see("Details").await?;
    browser.see_no(LOCALHOST).await
}

/// A visitor follows the same link.
async fn follow(pair: &Pair, browser: &Browser, visitor: &Person) -> Result<Value> {
    browser.click(OPEN).await?;
    browser.see("World 300").await?;
    fill_in(browser, visitor).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    let placement = only_placement(pair).await?;
    see_number(browser, &placement).await?;
    Ok(placement)
}

async fn see_the_customer(pair: &Pair, browser: &Browser, visitor: &Person, number: &str, key: &str) -> Result<()> {
    browser.open(&office_url(pair, "/customers")).await?;
    browser.see(number).await?;
    check_page(browser, "6-customers").await?;
    browser.fill(WHOM, &visitor.email).await?;
    browser.click(SEARCH).await?;
    browser.comes_to("search=visitor").await?;
    browser.click(number).await?;
    eventually(seconds(60), async || {
        browser.reload().await?;
        for words in ["Anna's Phones", "World 300", "VoIP", key, PROOF, &visitor.first_name] {
            browser.see_now(words).await?;
        }
        Ok(())
    })
    .await?;
    browser.click("Details").await?;
    browser.see("Hash over all events up to it").await?;
    check_page(browser, "7-customer-with-proof").await
}

async fn see_the_sale(browser: &Browser, key: &str) -> Result<()> {
    go_to(browser, "Dashboard", "Signups today 1").await?;
    check_page(browser, "8-a-sale").await?;
    browser.darkened("8-a-sale-in-the-dark").await?;
    browser.click("Anna's Phones").await?;
    browser.see("Signups today 1").await?;
    check_page(browser, "9-the-agent-who-sold").await?;
    browser.click("URLs").await?;
    browser.see(key).await?;
    browser.click_in("Shop window", "http").await?;
    browser.see(QR_CODE).await?;
    check_page(browser, "10-the-url-that-sold").await?;
    browser.darkened("10-the-url-in-the-dark").await
}

async fn print(browser: &Browser) -> Result<()> {
    go_to(browser, "Signup URLs", "Shop window").await?;
    check_page(browser, "11-urls").await?;
    browser.choose("Agent", "Anna's Phones (anna-agent)").await?;
    browser.click(SEARCH).await?;
    browser.see(PRINT).await?;
    browser.click(PRINT).await?;
    browser.see("QR codes to print").await?;
    check_page(browser, "12-codes").await?;
    browser.printed("13-codes-on-paper").await
}

async fn erase(browser: &Browser, visitor: &Person, number: &str) -> Result<()> {
    go_to(browser, "Customers", number).await?;
    browser.click(number).await?;
    browser.see(PROOF).await?;
    browser.click(ERASE).await?;
    browser.see("erased for good").await?;
    check_page(browser, "14-what-erasing-does").await?;
    browser.fill(REASON, "They asked for it").await?;
    browser.click(ERASE_FOR_GOOD).await?;
    browser.see(ERASED).await?;
    browser.see("They asked for it").await?;
    browser.see_no(&visitor.email).await?;
    browser.see("World 300").await?;
    check_page(browser, "15-erased").await
}
