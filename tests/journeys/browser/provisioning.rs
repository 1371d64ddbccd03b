//! A customer gets an account at the softswitch; the operator sees it, and suspends, reinstates and closes the customer.

use harness::names::{Rng, person};
use harness::texts::office::WHAT_WILL_HAPPEN;
use harness::{Browser, Context, Pair, Result, ensure, json};

use super::{annas_key, check_page, office_url, operator_at_work};

harness::on_screens!(a_customer_is_served_suspended_and_closed);

async fn a_customer_is_served_suspended_and_closed(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    let visitor = person(&mut Rng::new(81), 1);
    let placed = pair.signup(0).sign_up(&key, &visitor).await?.expect(201)?.json()?;
    let customer = format!("/customers/{}", placed["customer_id"].as_str().context("a customer has an id")?);
    operator_at_work(pair, browser).await?;
    browser.open(&office_url(pair, &customer)).await?;
    browser.see("No system has told of an account yet").await?;

    // The softswitch.
    let api = pair.signup_api(0);
    let waiting = api.get("/api/v1/customers/waiting").send().await?.expect(200)?.json()?;
    ensure!(waiting["items"].as_array().is_some_and(|items| items.len() == 1), "{waiting}");
    let account = json!({"system": "softswitch", "account": "sip-1001", "details": {"gateway": "sip.example.net"}});
    api.post(&format!("/api/v1{customer}/provisioned")).json(&account).send().await?.expect(200)?;

    browser.open(&office_url(pair, &customer)).await?;
    for words in ["provisioned", "softswitch", "sip-1001", "gateway: sip.example.net"] {
        browser.see(words).await?;
    }
    check_page(browser, "1-served").await?;
    browser.click("Suspend").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.fill("Reason", "Invoice 7 is open").await?;
    check_page(browser, "2-suspend").await?;
    browser.click("Suspend").await?;
    browser.see("The customer is suspended").await?;
    browser.click("Reinstate").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.click("Reinstate").await?;
    browser.see("The customer is served again").await?;
    browser.click("Close").await?;
    browser.see("The placement and the personal data stay").await?;
    browser.click("Close").await?;
    browser.see("The customer is closed").await?;
    check_page(browser, "3-closed").await?;
    browser.see_no("Suspend").await
}
