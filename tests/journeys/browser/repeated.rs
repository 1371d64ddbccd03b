//! A form that a visitor sends twice makes one customer.

use harness::names::{Rng, person};
use harness::texts::signup::{DONE, SEND};
use harness::{Browser, Pair, Result};

harness::on_screens!([phone, without_script](
    a_double_click_makes_one_customer,
    going_back_and_sending_again_makes_one_customer,
));

async fn a_double_click_makes_one_customer(pair: &Pair, browser: &Browser) -> Result<()> {
    browser.open(&super::signup_url(pair).await?).await?;
    super::fill_in(browser, &person(&mut Rng::new(3), 1)).await?;
    browser.double_click(SEND).await?;
    browser.see(DONE).await?;
    super::see_number(browser, &super::only_placement(pair).await?).await
}

async fn going_back_and_sending_again_makes_one_customer(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = person(&mut Rng::new(4), 1);
    browser.open(&super::signup_url(pair).await?).await?;
    super::fill_in(browser, &visitor).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    browser.go_back().await?;
    browser.picture("back-at-the-form").await?;
    super::fill_in(browser, &visitor).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    super::only_placement(pair).await?;

    // Reloading the confirmation sends nothing.
    browser.comes_to("/signup/confirmation/").await?;
    browser.reload().await?;
    browser.see(DONE).await?;
    super::only_placement(pair).await.map(drop)
}
