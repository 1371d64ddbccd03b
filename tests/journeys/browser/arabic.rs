//! Visitors with another language than the operator: one whose browser asks for Arabic, which is written from right
//! to left, and the form in every language.

use harness::names::Person;
use harness::texts::arabic::{
    CONSENT, DONE, EMAIL, FIRST_NAME, INVOICES, LAST_NAME, LOOK_AGAIN, MORE, NO_EMAIL, NUMBER, PAUSED, PHONE, REQUIRED,
    SEND,
};
use harness::texts::signup::{self, LANGUAGES, LOOK_AGAIN as LOOK_AGAIN_IN_ENGLISH};
use harness::{Browser, Context, Key, Pair, Result, ensure, seconds};

use super::{only_placement, see_number, signup_url};

mod in_arabic {
    use super::a_visitor_signs_up_from_right_to_left;

    harness::on_screens!([phone, desktop, without_script] in "ar" (a_visitor_signs_up_from_right_to_left));
}
harness::on_screens!([phone, desktop](the_form_is_there_in_every_language));
mod in_between {
    use super::another_language_keeps_what_was_typed;

    harness::on_screens!(another_language_keeps_what_was_typed);
}

fn layla() -> Person {
    let text = str::to_owned;
    Person {
        first_name: text("ليلى"),
        last_name: text("الخطيب"),
        email: text("layla.alkhatib@mail.example"),
        phone: text("+20 2 2735 4198"),
        address: text("شارع النيل 12"),
        city: text("القاهرة"),
    }
}

async fn a_visitor_signs_up_from_right_to_left(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = layla();
    let url = signup_url(pair).await?;
    browser.open(&url).await?;
    browser.see(FIRST_NAME).await?;
    ensure!(browser.direction().await? == "rtl", "the page is written the wrong way");
    for (field, direction) in [(FIRST_NAME, "rtl"), (EMAIL, "ltr"), (PHONE, "ltr")] {
        ensure!(browser.direction_of(field).await? == direction, "{field} is written the wrong way");
    }
    browser.review("1-form").await?;
    browser.click(MORE).await?;
    browser.review("2-form-with-everything").await?;

    browser.fill(EMAIL, "layla").await?;
    browser.fill(PHONE, &visitor.phone).await?;
    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    for (field, word) in [(FIRST_NAME, REQUIRED), (EMAIL, NO_EMAIL)] {
        let fault = browser.fault(field).await?;
        ensure!(fault.contains(word), "the violation at {field} is {fault:?}");
    }
    ensure!(!browser.fault(CONSENT).await?.is_empty(), "no violation is shown beside the consent");
    ensure!(browser.value(PHONE).await? == visitor.phone, "the phone number must be typed again");
    browser.review("3-faults").await?;

    browser.fill(FIRST_NAME, &visitor.first_name).await?;
    browser.fill(LAST_NAME, &visitor.last_name).await?;
    browser.fill(EMAIL, &visitor.email).await?;
    browser.check(CONSENT).await?;
    browser.review("4-filled-in").await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    let placement = only_placement(pair).await?;
    see_number(browser, &placement).await?;
    for words in [NUMBER, INVOICES] {
        browser.see(words).await?;
    }
    ensure!(browser.direction().await? == "rtl", "the confirmation is written the wrong way");
    browser.review("5-confirmation").await?;

    let key = placement["key"].as_str().context("a placement has a key")?;
    pair.agents(0).turn_key(key, "pause").await?;
    pair.signup(0).refused_within(seconds(5), key, "paused").await?;
    browser.open(&url).await?;
    browser.see(PAUSED).await?;
    browser.review("6-paused").await
}

/// The visitor notices only in the middle of the form that it is there in their language, and again after a mistake.
async fn another_language_keeps_what_was_typed(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = layla();
    browser.open(&signup_url(pair).await?).await?;
    browser.fill(signup::FIRST_NAME, &visitor.first_name).await?;
    browser.fill(signup::EMAIL, "layla").await?;
    browser.check(signup::CONSENT).await?;
    browser.click("English").await?;
    browser.click("العربية").await?;
    browser.see(FIRST_NAME).await?;
    ensure!(browser.direction().await? == "rtl", "the page is written the wrong way");
    ensure!(browser.value(FIRST_NAME).await? == visitor.first_name, "the first name must be typed again");
    ensure!(browser.value(EMAIL).await? == "layla", "the address must be typed again");
    ensure!(browser.is_checked(CONSENT).await?, "the consent must be given again");
    browser.see_no(LOOK_AGAIN).await?;
    browser.review("1-in-arabic").await?;
    browser.click(SEND).await?;
    browser.see(NO_EMAIL).await?;
    browser.click("العربية").await?;
    browser.click("English").await?;
    browser.see(signup::LOOK_AGAIN).await?;
    ensure!(!browser.fault(signup::EMAIL).await?.is_empty(), "the violation is forgotten");
    browser.review("2-in-english").await?;
    browser.fill(signup::EMAIL, &visitor.email).await?;
    // Enter sends the form, and chooses no language.
    browser.press(Key::Enter).await?;
    browser.see(signup::DONE).await?;
    let placement = only_placement(pair).await?;
    see_number(browser, &placement).await?;
    // The confirmation has nothing to lose, and is there in every language too.
    browser.click("English").await?;
    browser.click("العربية").await?;
    browser.see(DONE).await?;
    see_number(browser, &placement).await
}

/// The visitor chooses one language after the other above the form, and makes a mistake in it.
async fn the_form_is_there_in_every_language(pair: &Pair, browser: &Browser) -> Result<()> {
    let url = signup_url(pair).await?;
    for (tag, direction, first_name, send, look_again) in LANGUAGES {
        browser.open(&format!("{url}?lang={tag}")).await?;
        browser.see(first_name).await?;
        ensure!(browser.direction().await? == direction, "{tag} is written the wrong way");
        browser.review(tag).await?;
        browser.click(send).await?;
        // The error is shown first, in the same language.
        browser.see(look_again).await?;
        browser.comes_to(&format!("lang={tag}")).await?;
        if tag != "en" {
            browser.see_no(LOOK_AGAIN_IN_ENGLISH).await?;
        }
        browser.picture(&format!("{tag}-faults")).await?;
    }
    Ok(())
}
