//! People without a mouse: a visitor signs up, and an operator adds an agent.

use harness::names::{Rng, person};
use harness::operator::PASSWORD;
use harness::texts::agents::{ADD, NAME, THRESHOLD, THRESHOLD_CURRENCY};
use harness::texts::door::{LOGIN, PASSWORD as PASSWORD_FIELD, SIGN_IN};
use harness::texts::office::{ADDED, CONFIRM, FAULTS};
use harness::texts::signup::{CONSENT, DONE, EMAIL, FIRST_NAME, LOOK_AGAIN, SEND};
use harness::{Browser, Key, Pair, Result, ensure};

harness::on_screens!([desktop, without_script](
    the_keyboard_alone_signs_a_customer_up,
    the_keyboard_alone_adds_an_agent
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

async fn the_keyboard_alone_adds_an_agent(pair: &Pair, browser: &Browser) -> Result<()> {
    pair.agents(0).add_operator(super::OPERATOR).await?;
    browser.open(&super::office_url(pair, "/")).await?;
    type_into(browser, LOGIN, super::OPERATOR).await?;
    browser.tab_to(PASSWORD_FIELD).await?;
    browser.type_in(PASSWORD).await?;
    browser.tab_to(SIGN_IN).await?;
    browser.press(Key::Enter).await?;
    browser.see("Signups each day").await?;
    browser.tab_to(ADD).await?;
    browser.press(Key::Enter).await?;
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
    browser.tab_to(CONFIRM).await?;
    browser.press(Key::Enter).await?;
    browser.see(ADDED).await?;
    browser.see("Anna's Phones").await
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
