//! A visitor who has no mouse.

use harness::names::{Dice, person};
use harness::wording::signup::{CONSENT, DONE, EMAIL, FIRST_NAME, LAST_NAME, LOOK_AGAIN, SEND};
use harness::{Browser, Key, Pair, Result, ensure};

harness::on_screens!([desktop, without_script](the_keyboard_alone_signs_a_customer_up));

async fn the_keyboard_alone_signs_a_customer_up(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = person(&mut Dice::new(5), 1);
    browser.open(&super::signup_url(pair).await?).await?;
    browser.tab_to(FIRST_NAME).await?;
    browser.type_in(&visitor.first_name).await?;
    // Enter in a field sends the form, as everywhere.
    browser.press(Key::Enter).await?;
    browser.see(LOOK_AGAIN).await?;
    for (field, text) in [(LAST_NAME, &visitor.last_name), (EMAIL, &visitor.email)] {
        browser.tab_to(field).await?;
        browser.type_in(text).await?;
        ensure!(browser.value(field).await? == **text, "{field} holds something else");
    }
    browser.tab_to(CONSENT).await?;
    browser.press(Key::Space).await?;
    browser.tab_to(SEND).await?;
    browser.press(Key::Enter).await?;
    browser.see(DONE).await?;
    super::see_number(browser, &super::only_placement(pair).await?).await
}
