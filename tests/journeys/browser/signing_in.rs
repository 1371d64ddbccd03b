//! Sign-in and sign-out at the back office: refusals, and the page after the sign-in.

use harness::operator::PASSWORD;
use harness::texts::door::{LOGIN, NO_FIT, NOTHING_HERE, SIGN_IN, SIGN_OUT};
use harness::{Browser, Pair, Result, ensure};

use super::{OPERATOR, check_page, office_url, open_menu, sign_in};

harness::on_screens!(an_operator_signs_in_and_out);

async fn an_operator_signs_in_and_out(pair: &Pair, browser: &Browser) -> Result<()> {
    pair.agents(0).add_operator(OPERATOR).await?;
    browser.open(&office_url(pair, "/agents?search=anna")).await?;
    browser.see(SIGN_IN).await?;
    check_page(browser, "1-sign-in").await?;

    sign_in(browser, OPERATOR, "not my password").await?;
    browser.see(NO_FIT).await?;
    ensure!(browser.value(LOGIN).await? == OPERATOR, "the login must be typed again");
    check_page(browser, "2-wrong-password").await?;

    sign_in(browser, OPERATOR, PASSWORD).await?;
    browser.see("No agents match").await?;
    ensure!(browser.path().await? == "/agents?search=anna", "one comes out somewhere else");
    check_page(browser, "3-where-one-wanted-to-go").await?;
    open_menu(browser).await?;
    browser.see(OPERATOR).await?;
    check_page(browser, "4-menu").await?;

    browser.open(&office_url(pair, "/agents/nobody")).await?;
    browser.see(NOTHING_HERE).await?;
    check_page(browser, "5-nothing-here").await?;

    browser.open(&office_url(pair, "/agents")).await?;
    open_menu(browser).await?;
    browser.click(SIGN_OUT).await?;
    browser.see(LOGIN).await?;
    // The browser must not cache the page.
    browser.go_back().await?;
    browser.see(LOGIN).await
}
