//! Changes while a page is open: terms and links for a visitor, an agent edited by two operators, permissions of an
//! agent. Typed values are never lost, and outdated pages have no effect.

use harness::names::{Rng, person};
use harness::operator::PASSWORD;
use harness::texts::agents::{COMMISSION, NAME};
use harness::texts::door::{NOT_ACTIVE, NOT_PERMITTED, SIGN_IN};
use harness::texts::office::{AS_IT_IS_NOW, CHANGED, CONFIRM};
use harness::texts::signup::{CONSENT, DONE, EMAIL, LOOK_AGAIN, SEND, TERMS_CHANGED, UNUSABLE};
use harness::{Browser, Pair, Result, checker::Logs, ensure, json, seconds};

use super::{check_page, fill_in, go_to, office_url, only_placement, operator_at_work, sign_in, signup_url};

harness::on_screens!(
    changed_terms_need_a_new_consent,
    a_paused_link_refuses_signups,
    two_operators_do_not_overwrite_each_other,
    changed_permissions_of_an_agent_take_effect_at_once,
);

async fn changed_terms_need_a_new_consent(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = person(&mut Rng::new(101), 1);
    let url = signup_url(pair).await?;
    browser.open(&url).await?;
    fill_in(browser, &visitor).await?;
    let terms = json!({"terms": {"version": "2027-01", "text": "Calls cost twice as much."}});
    let position = pair.agents(0).change_settings(&terms).await?.position()?;
    let key = url.rsplit('/').next().unwrap_or_default();
    pair.signup(0).lookup_at(key, position).await?.expect(200)?;

    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    browser.see("Calls cost twice as much").await?;
    ensure!(browser.fault(CONSENT).await?.contains(TERMS_CHANGED), "the page does not say that the terms changed");
    ensure!(!browser.is_checked(CONSENT).await?, "new terms are agreed to already");
    ensure!(browser.value(EMAIL).await? == visitor.email, "the address must be typed again");
    check_page(browser, "1-new-terms").await?;
    browser.check(CONSENT).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    let version = only_placement(pair).await?["terms_version"].clone();
    ensure!(version == "2027-01", "version {version} was agreed to");
    Ok(())
}

async fn a_paused_link_refuses_signups(pair: &Pair, browser: &Browser) -> Result<()> {
    let (operator, visitor) = (pair.agents(0), pair.signup(0));
    let url = signup_url(pair).await?;
    let key = url.rsplit('/').next().unwrap_or_default();
    browser.open(&url).await?;
    fill_in(browser, &person(&mut Rng::new(102), 1)).await?;
    operator.turn_key(key, "pause").await?;
    visitor.refused_within(seconds(5), key, "paused").await?;
    browser.click(SEND).await?;
    let paused = UNUSABLE.iter().find(|(reason, _)| *reason == "paused").map_or("", |(_, words)| words);
    browser.see(paused).await?;
    ensure!(Logs::read(pair).await?.signups.named("customer_placed").next().is_none(), "a customer was placed");
    check_page(browser, "1-paused-meanwhile").await?;

    // Later, as the page advises.
    operator.turn_key(key, "resume").await?;
    visitor.usable_within(seconds(5), key).await?;
    browser.go_back().await?;
    fill_in(browser, &person(&mut Rng::new(102), 1)).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    only_placement(pair).await.map(drop)
}

async fn two_operators_do_not_overwrite_each_other(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?;
    operator_at_work(pair, browser).await?;
    browser.open(&office_url(pair, &format!("/agents/{}/edit", agent.id))).await?;
    browser.see("New password").await?;
    browser.fill(COMMISSION, "9").await?;
    operator.change_agent(&agent.id, &json!({"name": "Anna & Daughters"})).await?;

    browser.click(CONFIRM).await?;
    browser.see("Somebody else changed this meanwhile").await?;
    ensure!(browser.value(COMMISSION).await? == "9", "what was typed is lost");
    check_page(browser, "1-somebody-else").await?;
    browser.click(AS_IT_IS_NOW).await?;
    browser.see_no("Somebody else").await?;
    ensure!(browser.value(NAME).await? == "Anna & Daughters", "the other's change is not to be seen");
    browser.fill(COMMISSION, "9").await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    let agent = operator.agent(&agent.id).await?;
    ensure!(agent["name"] == "Anna & Daughters" && agent["commission_percent"] == "9", "one change is lost: {agent}");
    Ok(())
}

async fn changed_permissions_of_an_agent_take_effect_at_once(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let agent = json!({"name": "Anna's Phones", "login": "anna-agent", "permissions": ["signup_urls", "groups"]});
    let agent = operator.add_agent_with(agent).await?.id;
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("100.00 EUR").await?;
    go_to(browser, "Groups", "No customer group belongs to you").await?;

    operator.change_agent(&agent, &json!({"permissions": ["signup_urls"]})).await?;
    browser.reload().await?;
    browser.see(NOT_PERMITTED).await?;
    check_page(browser, "1-no-longer-permitted").await?;
    browser.open(&office_url(pair, "/portal/signup-keys")).await?;
    browser.see("No signup URLs yet").await?;
    browser.see_no("Groups").await?;

    operator.turn_agent(&agent, "suspend").await?;
    browser.reload().await?;
    browser.see(SIGN_IN).await?;
    check_page(browser, "2-signed-out").await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see(NOT_ACTIVE).await?;
    check_page(browser, "3-not-active").await
}
