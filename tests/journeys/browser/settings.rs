//! System settings: the customer interface URL with its warnings, the fields of the form, its terms and its look,
//! each with the visitor's view.

use harness::names::{Rng, person};
use harness::operator::PASSWORD;
use harness::ports::free_port;
use harness::texts::keys::{ADD, AGENT, CHOOSE_AGENT, INTERFACE_URL, LOCALHOST, PLAN, PRINT};
use harness::texts::office::{CHANGED, CONFIRM, FAULTS, SEARCH};
use harness::texts::settings::{
    ANSWERS, CHECK, CHECK_INSIDE, COLOUR, CURRENT_PICTURE, FRAMES, LOGO, NAME, NO_CONNECTION, NO_PICTURE, NO_URL,
    NOT_OURS, TELL_THE_OPERATOR, TERMS_TEXT, TERMS_VERSION, TITLE,
};
use harness::texts::signup::{DONE, LOOK_AGAIN, SEND};
use harness::{Browser, Pair, Result, ensure, json};

use super::{
    annas_key, check_page, fill_in, go_to, leave, office_url, only_placement, operator_at_work, sign_in, url_of,
};

harness::on_screens!(
    the_customer_interface_url_is_checked,
    a_localhost_is_warned_of_wherever_a_url_is_shown,
    form_terms_and_look_are_the_operators_own,
);

const LOGO_FILE: &[u8] = include_bytes!("logo.png");
const TERMS: &str = "We bring your calls across the harbour.\nYou pay for them within thirty days.";

async fn set_url(browser: &Browser, url: &str) -> Result<()> {
    go_to(browser, "Settings", INTERFACE_URL).await?;
    browser.fill(INTERFACE_URL, url).await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    ensure!(browser.value(INTERFACE_URL).await? == url, "another URL was kept");
    Ok(())
}

async fn the_customer_interface_url_is_checked(pair: &Pair, browser: &Browser) -> Result<()> {
    operator_at_work(pair, browser).await?;
    let (own, nobodys) = (pair.signup_api(0).base().to_owned(), format!("http://localhost:{}", free_port()?));
    let tried = [
        (own, ANSWERS, "1-it-answers"),
        (office_url(pair, ""), NOT_OURS, "2-something-else-answers"),
        (nobodys, NO_CONNECTION, "3-nothing-answers"),
        ("my.example.com".to_owned(), NO_URL, "4-no-url"),
    ];
    for (url, word, name) in tried {
        set_url(browser, &url).await?;
        browser.click(CHECK).await?;
        if url.starts_with("http") {
            browser.see("inside a private network").await?;
            browser.click(CHECK_INSIDE).await?;
        }
        browser.see("Seen from here").await?;
        browser.see(word).await?;
        check_page(browser, name).await?;
    }
    Ok(())
}

async fn a_localhost_is_warned_of_wherever_a_url_is_shown(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    operator_at_work(pair, browser).await?;
    set_url(browser, "https://localhost:8080").await?;
    browser.see(LOCALHOST).await?;
    check_page(browser, "1-settings").await?;
    go_to(browser, "Dashboard", LOCALHOST).await?;
    check_page(browser, "2-dashboard").await?;
    go_to(browser, "Signup URLs", LOCALHOST).await?;
    check_page(browser, "3-urls").await?;
    browser.click_in("Shop window", "https://localhost:8080").await?;
    browser.see("Details").await?;
    browser.see(LOCALHOST).await?;
    check_page(browser, "4-url").await?;
    go_to(browser, "Signup URLs", LOCALHOST).await?;
    browser.click(ADD).await?;
    browser.see(AGENT).await?;
    browser.see(LOCALHOST).await?;
    browser.choose(AGENT, "Anna's Phones (anna-agent)").await?;
    browser.click(CHOOSE_AGENT).await?;
    browser.see(PLAN).await?;
    browser.see(LOCALHOST).await?;
    go_to(browser, "Signup URLs", LOCALHOST).await?;
    browser.choose("Agent", "Anna's Phones (anna-agent)").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("agent_id=").await?;
    browser.click(PRINT).await?;
    browser.see("QR codes to print").await?;
    browser.see(LOCALHOST).await?;
    leave(browser).await?;
    the_agent_sees_the_warning_too(pair, browser, &key).await
}

async fn the_agent_sees_the_warning_too(pair: &Pair, browser: &Browser, key: &str) -> Result<()> {
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("100.00 EUR").await?;
    go_to(browser, "Signup URLs", TELL_THE_OPERATOR).await?;
    check_page(browser, "5-the-agents-urls").await?;
    browser.click_in("Shop window", "https://localhost:8080").await?;
    browser.see("Details").await?;
    browser.see(TELL_THE_OPERATOR).await?;
    check_page(browser, "6-the-agents-url").await?;

    pair.agents(0).change_settings(&json!({"customer_interface_url": "https://my.example.com"})).await?;
    browser.reload().await?;
    browser.see(&format!("https://my.example.com/signup/{key}")).await?;
    browser.see_no(TELL_THE_OPERATOR).await?;
    go_to(browser, "Signup URLs", "https://my.example.com").await?;
    browser.see_no(TELL_THE_OPERATOR).await
}

async fn form_terms_and_look_are_the_operators_own(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    operator_at_work(pair, browser).await?;
    go_to(browser, "Settings", TITLE).await?;
    browser.choose("Phone", "Required").await?;
    browser.choose("VAT number", "Required").await?;
    browser.choose("Company", "Hidden").await?;
    browser.choose("City", "Hidden").await?;
    browser.fill(TERMS_VERSION, "2026-11").await?;
    browser.fill(TERMS_TEXT, TERMS).await?;
    faulty_look(browser).await?;
    browser.fill(COLOUR, "#7A1F5C").await?;
    browser.attach(LOGO, "logo.png", LOGO_FILE).await?;
    browser.fill(FRAMES, "https://Shop.example/\nhttps://blog.example:8443").await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    browser.see_picture(CURRENT_PICTURE).await?;
    let kept = [
        ("Phone", "required"),
        ("City", "hidden"),
        (TERMS_VERSION, "2026-11"),
        (NAME, "Harbour"),
        (COLOUR, "#7a1f5c"),
        (FRAMES, "https://shop.example\nhttps://blog.example:8443"),
    ];
    for (field, value) in kept {
        ensure!(browser.value(field).await? == value, "{field} holds {:?}", browser.value(field).await?);
    }
    check_page(browser, "2-settings").await?;
    a_visitor_sees_them(pair, browser, &key).await?;
    without_the_picture(pair, browser, &key).await
}

/// Violations are shown beside their fields, and the other values stay.
async fn faulty_look(browser: &Browser) -> Result<()> {
    browser.fill(NAME, "Harbour").await?;
    browser.fill(COLOUR, "plum").await?;
    browser.attach(LOGO, "logo.txt", b"Harbour").await?;
    browser.fill(FRAMES, "https://shop.example\nhttp://blog.example/page").await?;
    browser.click(CONFIRM).await?;
    browser.see(FAULTS).await?;
    for field in [COLOUR, LOGO, FRAMES] {
        ensure!(!browser.fault(field).await?.is_empty(), "no violation is shown beside {field}");
    }
    for (field, value) in [("Phone", "required"), (NAME, "Harbour"), (TERMS_TEXT, TERMS)] {
        let held = browser.value(field).await?.replace("\r\n", "\n");
        ensure!(held == value, "{field} must be given again: {held:?}");
    }
    check_page(browser, "1-faults").await
}

async fn a_visitor_sees_them(pair: &Pair, browser: &Browser, key: &str) -> Result<()> {
    let visitor = person(&mut Rng::new(31), 1);
    browser.open(&url_of(pair, key)).await?;
    browser.see_picture("Harbour").await?;
    ensure!(browser.title().await?.ends_with("Harbour"), "the title is {:?}", browser.title().await?);
    let colour = browser.colour(SEND).await?;
    ensure!(colour == "rgb(122, 31, 92)", "the button is {colour}");
    for words in ["across the harbour", "version 2026-11"] {
        browser.see(words).await?;
    }
    for field in ["City", "Company"] {
        browser.see_no(field).await?;
    }
    check_page(browser, "3-form").await?;
    browser.darkened("3-form-in-the-dark").await?;
    fill_in(browser, &visitor).await?;
    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    for field in ["Phone number", "VAT number"] {
        ensure!(!browser.fault(field).await?.is_empty(), "no violation is shown beside {field}");
    }
    browser.fill("Phone number", &visitor.phone).await?;
    browser.fill("VAT number", "DE123456789").await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    browser.see_picture("Harbour").await?;
    check_page(browser, "4-confirmation").await?;
    let placed = only_placement(pair).await?;
    ensure!(placed["terms_version"] == "2026-11", "other terms were agreed to: {placed}");
    Ok(())
}

async fn without_the_picture(pair: &Pair, browser: &Browser, key: &str) -> Result<()> {
    browser.open(&office_url(pair, "/settings")).await?;
    browser.check(NO_PICTURE).await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    browser.see_no(NO_PICTURE).await?;
    browser.open(&url_of(pair, key)).await?;
    // The name replaces the logo.
    browser.see("Harbour").await?;
    check_page(browser, "5-form-without-logo").await
}
