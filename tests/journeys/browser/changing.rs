//! An operator finds a signup URL from any page and changes what can be changed of it; an agent has their URL on the first page.

use harness::operator::PASSWORD;
use harness::texts::keys::{CAP, END, LABEL, STOP};
use harness::texts::office::{CHANGED, CONFIRM, FIND, FIND_ANYTHING, WHAT_WILL_HAPPEN};
use harness::{Browser, Key, Pair, Result, Seller, ensure, json, seconds};

use super::{annas_key, check_page, office_url, operator_at_work, sign_in};

harness::on_screens!(a_signup_url_is_found_and_changed, an_agent_has_their_url_on_the_first_page);
mod by_key {
    use super::the_search_is_one_key_away;
    harness::on_screens!([desktop](the_search_is_one_key_away));
}

async fn a_signup_url_is_found_and_changed(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    let operator = pair.agents(0);
    let shown = operator.api.get(&format!("/signup-keys/{key}")).send().await?.expect(200)?.json()?;
    let id = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
    let seller = Seller { agent: id("agent_id"), plan: id("call_plan_id"), group: id("group_id") };
    operator.add_key_with(&seller, json!({"label": "Shop counter"})).await?;
    operator_at_work(pair, browser).await?;
    browser.fill(FIND_ANYTHING, "shop").await?;
    browser.click(FIND).await?;
    browser.see("Shop counter").await?;
    check_page(browser, "1-found").await?;
    // The only one that is found opens at once.
    browser.fill(FIND_ANYTHING, "shop window").await?;
    browser.click(FIND).await?;
    browser.comes_to(&format!("/signup-keys/{key}")).await?;

    browser.click("Edit").await?;
    browser.see("For yourself").await?;
    ensure!(browser.value(LABEL).await? == "Shop window", "the label is not shown");
    browser.fill(LABEL, "Harbour leaflet").await?;
    browser.fill(CAP, "many").await?;
    browser.click(CONFIRM).await?;
    browser.see("must be a whole number such as 100").await?;
    check_page(browser, "2-not-a-number").await?;
    browser.fill(CAP, "250").await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    browser.see("label: Shop window → Harbour leaflet").await?;
    pair.signup(0).usable_within(seconds(5), &key).await?;
    check_page(browser, "3-changed").await?;

    browser.click("Edit").await?;
    ensure!(browser.value(CAP).await? == "250", "the limit is not shown");
    browser.fill(END, "2020-01-31").await?;
    browser.click(CONFIRM).await?;
    browser.see(WHAT_WILL_HAPPEN).await?;
    browser.see("Visitors cannot sign up through this URL: it has ended").await?;
    check_page(browser, "4-what-it-stops").await?;
    browser.click(STOP).await?;
    browser.see(CHANGED).await?;
    pair.signup(0).refused_within(seconds(5), &key, "ended").await
}

async fn an_agent_has_their_url_on_the_first_page(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("Your signup URL").await?;
    browser.see(&format!("/signup/{key}")).await?;
    check_page(browser, "1-overview").await?;
    browser.click("All signup URLs").await?;
    browser.see("Shop window").await?;
    check_page(browser, "2-signup-urls").await?;
    ensure!(browser.download("CSV of this list").await?.contains("Shop window"), "the list is not in the file");
    browser.fill(FIND_ANYTHING, &key.to_lowercase()).await?;
    browser.click(FIND).await?;
    browser.comes_to(&format!("/portal/signup-keys/{key}")).await
}

async fn the_search_is_one_key_away(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    operator_at_work(pair, browser).await?;
    browser.type_in("/").await?;
    ensure!(browser.focused().await?.starts_with(FIND_ANYTHING), "the focus is elsewhere");
    browser.type_in("shop/window").await?;
    ensure!(browser.value(FIND_ANYTHING).await? == "shop/window", "a slash in the field is a slash");
    browser.press(Key::Enter).await?;
    browser.comes_to(&format!("/signup-keys/{key}")).await
}
