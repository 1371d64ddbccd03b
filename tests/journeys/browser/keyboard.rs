//! People without a mouse: a visitor signs up, and an operator goes through the four sections of the manual.

use harness::names::{Rng, person};
use harness::operator::PASSWORD;
use harness::texts::agents::{ADD, NAME, THRESHOLD, THRESHOLD_CURRENCY};
use harness::texts::door::{LOGIN, PASSWORD as PASSWORD_FIELD, SIGN_IN};
use harness::texts::office::{ADDED, CHANGED, CONFIRM, FAULTS};
use harness::texts::signup::{CONSENT, DONE, EMAIL, FIRST_NAME, LOOK_AGAIN, SEND};
use harness::texts::{groups, keys, plans};
use harness::{Browser, Key, Pair, Result, ensure};

harness::on_screens!([desktop, without_script](
    the_keyboard_alone_signs_a_customer_up,
    the_keyboard_alone_goes_through_the_manual
));

async fn the_keyboard_alone_signs_a_customer_up(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = person(&mut Rng::new(5), 1);
    browser.open(&super::signup_url(pair).await?).await?;
    browser.tab_to(FIRST_NAME).await?;
    browser.type_in(&visitor.first_name).await?;
    // Enter in a field sends the form.
    browser.press(Key::Enter).await?;
    browser.see(LOOK_AGAIN).await?;
    // The last name is optional here, so the first violation is the address.
    type_into(browser, EMAIL, &visitor.email).await?;
    browser.tab_to(CONSENT).await?;
    browser.press(Key::Space).await?;
    browser.tab_to(SEND).await?;
    browser.press(Key::Enter).await?;
    browser.see(DONE).await?;
    super::see_number(browser, &super::only_placement(pair).await?).await
}

async fn the_keyboard_alone_goes_through_the_manual(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    operator.add_operator(super::OPERATOR).await?;
    operator.add_plan("World 300").await?;
    add_agent(pair, browser).await?;
    add_call_plan(browser).await?;
    add_group(browser).await?;
    add_url(browser).await?;
    let key = &operator.list("/signup-keys").await?[0];
    ensure!(key["state"] == "active" && key["label"] == "Shop window", "not the key that was asked for: {key}");
    Ok(())
}

/// "Agent Creation".
async fn add_agent(pair: &Pair, browser: &Browser) -> Result<()> {
    browser.open(&super::office_url(pair, "/")).await?;
    type_into(browser, LOGIN, super::OPERATOR).await?;
    browser.tab_to(PASSWORD_FIELD).await?;
    browser.type_in(PASSWORD).await?;
    press(browser, SIGN_IN).await?;
    browser.see("Signups each day").await?;
    press(browser, ADD).await?;
    browser.see("at least one").await?;
    type_into(browser, LOGIN, "anna-agent").await?;
    browser.press(Key::Enter).await?;
    browser.see(FAULTS).await?;

    type_into(browser, PASSWORD_FIELD, PASSWORD).await?;
    browser.tab_to("Signup URLs").await?;
    browser.press(Key::Space).await?;
    for (field, text) in [(THRESHOLD, "100"), (THRESHOLD_CURRENCY, "EUR"), (NAME, "Anna's Phones")] {
        type_into(browser, field, text).await?;
    }
    press(browser, CONFIRM).await?;
    browser.see(ADDED).await?;
    browser.see("Anna's Phones").await
}

/// "Call Plans Usable".
async fn add_call_plan(browser: &Browser) -> Result<()> {
    press(browser, plans::ADD_USABLE).await?;
    browser.see("entitled to sell").await?;
    browser.tab_to("World 300").await?;
    browser.press(Key::Space).await?;
    press(browser, CONFIRM).await?;
    browser.see(plans::GRANTED).await
}

/// "Customer Group".
async fn add_group(browser: &Browser) -> Result<()> {
    press(browser, "Groups").await?;
    browser.see(groups::NONE).await?;
    press(browser, groups::ADD).await?;
    browser.see("The agent to which this group belongs").await?;
    type_into(browser, groups::NAME, "VoIP").await?;
    type_into(browser, groups::DESCRIPTION, "Calls over the internet").await?;
    choose(browser, groups::AGENT, "Anna").await?;
    browser.tab_to("Invoices").await?;
    browser.press(Key::Space).await?;
    press(browser, CONFIRM).await?;
    browser.see(ADDED).await
}

/// "Signup URL's", and the customer interface URL of the settings.
async fn add_url(browser: &Browser) -> Result<()> {
    press(browser, "Signup URLs").await?;
    browser.see("No signup URLs yet").await?;
    press(browser, keys::ADD).await?;
    browser.see(keys::AGENT).await?;
    choose(browser, keys::AGENT, "Anna").await?;
    press(browser, keys::CHOOSE_AGENT).await?;
    browser.see(keys::PLAN).await?;
    choose(browser, keys::PLAN, "World").await?;
    choose(browser, keys::GROUP, "VoIP").await?;
    type_into(browser, keys::LABEL, "Shop window").await?;
    press(browser, keys::ADD).await?;
    browser.see(ADDED).await?;
    press(browser, "Settings").await?;
    browser.see(keys::INTERFACE_URL).await?;
    type_into(browser, keys::INTERFACE_URL, "https://my.example.com").await?;
    browser.press(Key::Enter).await?;
    browser.see(CHANGED).await
}

/// Goes to a button or a link, and presses Enter.
async fn press(browser: &Browser, name: &str) -> Result<()> {
    browser.tab_to(name).await?;
    browser.press(Key::Enter).await
}

/// Chooses what begins so from a list.
async fn choose(browser: &Browser, field: &str, beginning: &str) -> Result<()> {
    browser.tab_to(field).await?;
    browser.type_in(beginning).await?;
    ensure!(!browser.value(field).await?.is_empty(), "{field}: nothing is chosen");
    Ok(())
}

async fn type_into(browser: &Browser, field: &str, text: &str) -> Result<()> {
    browser.tab_to(field).await?;
    // The list of violations has a link of that name to the field.
    if browser.is_on_link().await? {
        browser.press(Key::Enter).await?;
    }
    browser.type_in(text).await?;
    ensure!(browser.value(field).await? == text, "{field} holds something else");
    Ok(())
}
