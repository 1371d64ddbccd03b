//! Flows of people in a real browser, on the embedded pair. Each flow leaves pictures of its pages under
//! `target/screenshots`.

mod administration;
mod agent_creation;
mod agent_page;
mod arabic;
mod call_plans_usable;
mod catalogue;
mod challenge;
mod changing;
mod clicks;
mod customer_group;
mod dashboard;
mod earning;
mod event_logs;
mod finding;
mod frames;
mod itself;
mod keyboard;
mod links;
mod list_tools;
mod long_lists;
mod made_to_order;
mod material;
mod meanwhile;
mod messages;
mod pictures;
mod portal;
mod provisioning;
mod repeated;
mod session_end;
mod settings;
mod signing_in;
mod signing_up;
mod signup_url;
mod stating;
mod stopping;
mod too_fast;
mod unusable;
mod webhooks;

use harness::names::Person;
use harness::operator::PASSWORD;
use harness::texts::door;
use harness::texts::signup::{CONSENT, EMAIL, FIRST_NAME, LAST_NAME};
use harness::{Browser, Context, Pair, Result, Seller, Value, checker::Logs, ensure, json};

/// The signup page of a new key.
async fn signup_url(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    Ok(url_of(pair, &key.id))
}

/// A key of the agent Anna, who has a portal.
async fn annas_key(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?.id;
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    let group = operator.add_group("VoIP", &agent).await?.id;
    let key = operator.add_key_with(&Seller { agent, plan, group }, json!({"label": "Shop window"})).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    Ok(key.id)
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

/// The only placement.
async fn only_placement(pair: &Pair) -> Result<Value> {
    let logs = Logs::read(pair).await?;
    let placed: Vec<_> = logs.signups.named("customer_placed").collect();
    ensure!(placed.len() == 1, "{} customers were placed", placed.len());
    placed.first().context("there is one")?.data()
}

/// Checks that the page shows the customer number.
async fn see_number(browser: &Browser, placement: &Value) -> Result<()> {
    browser.see(placement["customer_number"].as_str().context("a placement has a number")?).await
}

/// The login of the operator of these flows.
const OPERATOR: &str = "mona-operator";

/// Signs an operator in at the back office.
async fn operator_at_work(pair: &Pair, browser: &Browser) -> Result<()> {
    pair.agents(0).add_operator(OPERATOR).await?;
    browser.open(&office_url(pair, "/")).await?;
    sign_in(browser, OPERATOR, PASSWORD).await?;
    browser.see("Signups each day").await
}

/// The address of a page of the back office or the portal.
fn office_url(pair: &Pair, path: &str) -> String {
    format!("{}{path}", pair.agents_api(0).base())
}

async fn sign_in(browser: &Browser, login: &str, password: &str) -> Result<()> {
    browser.see(door::PASSWORD).await?;
    browser.fill(door::LOGIN, login).await?;
    browser.fill(door::PASSWORD, password).await?;
    browser.click(door::SIGN_IN).await
}

async fn leave(browser: &Browser) -> Result<()> {
    open_menu(browser).await?;
    browser.click(door::SIGN_OUT).await?;
    browser.see(door::SIGN_IN).await
}

/// Opens the menu on small screens.
async fn open_menu(browser: &Browser) -> Result<()> {
    if browser.options().screen.is_phone() { browser.click(door::MENU).await } else { Ok(()) }
}

/// Goes to a menu entry and waits for this text.
async fn go_to(browser: &Browser, entry: &str, text: &str) -> Result<()> {
    open_menu(browser).await?;
    browser.click(entry).await?;
    browser.see(text).await
}

/// Takes a picture of the page and checks its layout and, where script is on, its accessibility.
async fn check_page(browser: &Browser, name: &str) -> Result<()> {
    if browser.options().script { browser.review(name).await } else { browser.picture(name).await }
}
