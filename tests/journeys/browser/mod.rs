//! What people do at a real browser, flow by flow, on the embedded pair. Each flow leaves pictures of its pages under
//! `target/screenshots`.

mod itself;
mod keyboard;
mod repeated;
mod signing_up;
mod unusable;

use harness::names::Person;
use harness::wording::signup::{CONSENT, EMAIL, FIRST_NAME, LAST_NAME};
use harness::{Browser, Context, Pair, Result, Value, checker::Logs, ensure};

/// Where a visitor finds the form of a new key.
async fn signup_url(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    Ok(url_of(pair, &key.id))
}

fn url_of(pair: &Pair, key: &str) -> String {
    format!("{}/signup/{key}", pair.signup_api(0).base())
}

async fn fill_in(browser: &Browser, person: &Person) -> Result<()> {
    browser.fill(FIRST_NAME, &person.first_name).await?;
    browser.fill(LAST_NAME, &person.last_name).await?;
    browser.fill(EMAIL, &person.email).await?;
    browser.check(CONSENT).await
}

/// The only placement that there is.
async fn only_placement(pair: &Pair) -> Result<Value> {
    let logs = Logs::read(pair).await?;
    let placed: Vec<_> = logs.signups.named("customer_placed").collect();
    ensure!(placed.len() == 1, "{} customers were placed", placed.len());
    placed.first().context("there is one")?.data()
}

/// The customer number that was given is on the page.
async fn see_number(browser: &Browser, placement: &Value) -> Result<()> {
    browser.see(placement["customer_number"].as_str().context("a placement has a number")?).await
}
