//! A signup URL with a custom ending, a period and a maximum of signups. Violations are shown beside their fields,
//! and a key is never used again.

use harness::names::{Rng, person};
use harness::texts::keys::{ADD, AGENT, CAP, CHOOSE_AGENT, END, GROUP, LABEL, NOTE, PLAN, REVOKED, SLUG, START};
use harness::texts::office::{ADDED, FAULTS};
use harness::texts::signup::{DONE, SEND, UNUSABLE};
use harness::{Browser, Pair, Result, ensure, json, seconds};

use super::{check_page, fill_in, go_to, office_url, only_placement, operator_at_work, see_number, url_of};

harness::on_screens!(a_signup_url_is_made_to_order);

async fn a_signup_url_is_made_to_order(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?.id;
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    operator.add_group("VoIP", &agent).await?;
    operator_at_work(pair, browser).await?;
    faulty(browser).await?;
    choose(browser).await?;
    browser.fill(START, "").await?;
    browser.fill(END, "2999-05-01T09:30").await?;
    browser.fill(CAP, "1").await?;
    browser.fill(LABEL, "Summer").await?;
    browser.fill(NOTE, "For the fair in the harbour").await?;
    browser.click(ADD).await?;
    browser.see(ADDED).await?;
    for words in ["/signup/summer-sale", "2999-05-01 09:30", "For the fair in the harbour"] {
        browser.see(words).await?;
    }
    check_page(browser, "2-made").await?;
    only_one_customer(pair, browser).await?;
    never_again(pair, browser).await
}

async fn choose(browser: &Browser) -> Result<()> {
    browser.choose(PLAN, "World 300").await?;
    browser.choose(GROUP, "VoIP").await?;
    browser.fill(SLUG, "summer-sale").await
}

async fn form(browser: &Browser) -> Result<()> {
    go_to(browser, "Signup URLs", "URL, key, label or note").await?;
    browser.click(ADD).await?;
    browser.choose(AGENT, "Anna's Phones (anna-agent)").await?;
    browser.click(CHOOSE_AGENT).await?;
    browser.see(PLAN).await
}

async fn faulty(browser: &Browser) -> Result<()> {
    form(browser).await?;
    browser.fill(SLUG, "Summer sale!").await?;
    browser.fill(START, "2999-05-01T09:30").await?;
    browser.fill(END, "2999-04-01T09:30").await?;
    browser.fill(CAP, "0").await?;
    browser.click(ADD).await?;
    browser.see(FAULTS).await?;
    for field in [PLAN, GROUP, SLUG, END, CAP] {
        ensure!(!browser.fault(field).await?.is_empty(), "no violation is shown beside {field}");
    }
    for (field, value) in [(SLUG, "Summer sale!"), (START, "2999-05-01T09:30"), (CAP, "0")] {
        ensure!(browser.value(field).await? == value, "{field} must be given again");
    }
    check_page(browser, "1-faults").await
}

async fn only_one_customer(pair: &Pair, browser: &Browser) -> Result<()> {
    pair.signup(0).usable_within(seconds(5), "summer-sale").await?;
    // The key is case-insensitive.
    browser.open(&url_of(pair, "Summer-Sale")).await?;
    browser.see("World 300").await?;
    fill_in(browser, &person(&mut Rng::new(91), 1)).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    see_number(browser, &only_placement(pair).await?).await?;
    browser.open(&url_of(pair, "summer-sale")).await?;
    let taken = UNUSABLE.iter().find(|(reason, _)| *reason == "exhausted").map_or("", |(_, words)| words);
    browser.see(taken).await
}

async fn never_again(pair: &Pair, browser: &Browser) -> Result<()> {
    browser.open(&office_url(pair, "/signup-keys/summer-sale")).await?;
    browser.click("Revoke").await?;
    browser.click("Revoke for good").await?;
    browser.see(REVOKED).await?;
    form(browser).await?;
    choose(browser).await?;
    browser.click(ADD).await?;
    browser.see("never used again").await?;
    browser.see_no(ADDED).await?;
    ensure!(browser.value(SLUG).await? == "summer-sale", "the key must be typed again");
    check_page(browser, "3-never-again").await
}
