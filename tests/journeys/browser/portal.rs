//! The agents' portal: an agent sees what they are permitted and nothing else, adds a signup URL, and sees its sales
//! without learning more of the customers than they need.

use harness::names::{Person, Rng, person};
use harness::operator::PASSWORD;
use harness::texts::door::{CURRENT_PASSWORD, NEW_PASSWORD, NO_FIT, NOT_PERMITTED, PASSWORD_CHANGED, SIGN_IN};
use harness::texts::keys::{ADD, GROUP, LABEL, PAUSED, PLAN, QR_CODE, RESUMED};
use harness::texts::office::{ADDED, CONFIRM, WHAT_WILL_HAPPEN};
use harness::{Browser, Context, Pair, Result, ensure, eventually, json, seconds};

use super::{check_page, go_to, leave, office_url, open_menu, sign_in};

harness::on_screens!(an_agent_at_work_in_the_portal, an_agent_sees_permitted_screens_only);

async fn an_agent_at_work_in_the_portal(pair: &Pair, browser: &Browser) -> Result<()> {
    let agent = set_up(pair).await?;
    browser.open(&office_url(pair, "/portal")).await?;
    browser.see(SIGN_IN).await?;
    check_page(browser, "1-sign-in").await?;
    sign_in(browser, "anna-agent", "not my password").await?;
    browser.see(NO_FIT).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("100.00 EUR").await?;
    check_page(browser, "2-overview").await?;
    empty_screens(browser).await?;
    let key = add(pair, browser).await?;
    ensure!(pair.agents(0).key(&key).await?["agent_id"] == *agent, "the key is another agent's");

    let visitor = person(&mut Rng::new(1), 1);
    pair.signup(0).usable_within(seconds(5), &key).await?;
    pair.signup(0).sign_up(&key, &visitor).await?.expect(201)?;
    sales(browser, &visitor).await?;
    as_the_operator_decides(pair, browser, &visitor).await?;
    pause_and_resume(browser, &key).await?;
    own_password(browser).await?;
    leave(browser).await
}

/// An agent who may sell, with most of the screens.
async fn set_up(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let screens = json!(["customers", "signup_urls", "groups", "sales", "call_plans"]);
    let agent = json!({"name": "Anna's Phones", "login": "anna-agent", "permissions": screens});
    let agent = operator.add_agent_with(agent).await?.id;
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    operator.add_group("VoIP", &agent).await?;
    Ok(agent)
}

async fn empty_screens(browser: &Browser) -> Result<()> {
    let screens = [
        ("Customers", "Nobody has signed up", "3-no-customer-yet"),
        ("Sales", "Signups 0", "4-nothing-sold-yet"),
        ("Groups", "VoIP", "5-groups"),
        ("Call plans", "World 300", "6-call-plans"),
        ("Signup URLs", "No signup URLs yet", "7-no-url-yet"),
    ];
    for (screen, text, name) in screens {
        go_to(browser, screen, text).await?;
        check_page(browser, name).await?;
    }
    Ok(())
}

async fn add(pair: &Pair, browser: &Browser) -> Result<String> {
    browser.click(ADD).await?;
    browser.see(PLAN).await?;
    browser.choose(PLAN, "World 300").await?;
    browser.choose(GROUP, "VoIP").await?;
    browser.fill(LABEL, "My own page").await?;
    check_page(browser, "8-form").await?;
    browser.click(ADD).await?;
    browser.see(ADDED).await?;
    browser.see(QR_CODE).await?;
    check_page(browser, "9-url").await?;
    let keys = pair.agents(0).list("/signup-keys").await?;
    Ok(keys.first().and_then(|key| key["key"].as_str()).context("there is a key")?.to_owned())
}

async fn sales(browser: &Browser, visitor: &Person) -> Result<()> {
    eventually(seconds(60), async || {
        go_to(browser, "Customers", "Customer number").await?;
        browser.see_now(&visitor.first_name).await
    })
    .await?;
    browser.see_no(&visitor.last_name).await?;
    browser.see_no(&visitor.email).await?;
    check_page(browser, "10-customers").await?;
    go_to(browser, "Sales", "Signups 1").await?;
    check_page(browser, "11-sales").await?;
    let csv = browser.download("Download signups as CSV").await?;
    ensure!(csv.starts_with("group,name,views,automated,signups,"), "no head: {csv}");
    ensure!(csv.contains(",VoIP,0,0,1,"), "no sale: {csv}");
    ensure!(csv.ends_with("# rows 1\r\n"), "it is cut off: {csv}");
    Ok(())
}

/// A setting decides how much of their customers an agent sees.
async fn as_the_operator_decides(pair: &Pair, browser: &Browser, visitor: &Person) -> Result<()> {
    let operator = pair.agents(0);
    operator.change_settings(&json!({"customer_mask": "full"})).await?;
    go_to(browser, "Customers", &visitor.email).await?;
    browser.see(&visitor.last_name).await?;
    check_page(browser, "12-customers-in-full").await?;
    operator.change_settings(&json!({"customer_mask": "number_only"})).await?;
    go_to(browser, "Customers", "World 300").await?;
    eventually(seconds(5), async || {
        browser.reload().await?;
        let text = browser.text().await?;
        ensure!(!text.contains(&visitor.first_name), "the name is still there");
        Ok(())
    })
    .await?;
    check_page(browser, "13-customers-by-number-only").await
}

async fn pause_and_resume(browser: &Browser, key: &str) -> Result<()> {
    go_to(browser, "Signup URLs", "My own page").await?;
    check_page(browser, "14-urls").await?;
    browser.click_in("My own page", "http").await?;
    browser.click("Pause").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    check_page(browser, "15-what-pausing-does").await?;
    browser.click("Pause").await?;
    browser.see(PAUSED).await?;
    browser.see(key).await?;
    browser.click("Resume").await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.click("Resume").await?;
    browser.see(RESUMED).await
}

async fn own_password(browser: &Browser) -> Result<()> {
    open_menu(browser).await?;
    browser.click("anna-agent").await?;
    browser.see(CURRENT_PASSWORD).await?;
    check_page(browser, "16-my-account").await?;
    browser.fill(CURRENT_PASSWORD, PASSWORD).await?;
    browser.fill(NEW_PASSWORD, "an even longer password").await?;
    browser.click(CONFIRM).await?;
    browser.see(PASSWORD_CHANGED).await
}

async fn an_agent_sees_permitted_screens_only(pair: &Pair, browser: &Browser) -> Result<()> {
    let agent = json!({"name": "Berta's Calls", "login": "berta-agent", "permissions": ["signup_urls"]});
    pair.agents(0).add_agent_with(agent).await?;
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "berta-agent", PASSWORD).await?;
    browser.see("100.00 EUR").await?;
    open_menu(browser).await?;
    browser.see("Signup URLs").await?;
    for screen in ["Customers", "Sales", "Groups", "Call plans"] {
        browser.see_no(screen).await?;
    }
    check_page(browser, "1-menu").await?;
    browser.open(&office_url(pair, "/portal/signup-keys/new")).await?;
    browser.see("Ask the operator for them").await?;
    check_page(browser, "2-nothing-to-sell").await?;
    browser.open(&office_url(pair, "/portal/sales")).await?;
    browser.see(NOT_PERMITTED).await?;
    check_page(browser, "3-not-permitted").await?;
    browser.open(&office_url(pair, "/")).await?;
    browser.see("Back office").await?;
    browser.see(SIGN_IN).await
}
