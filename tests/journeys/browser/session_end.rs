//! The end of a session loses nothing of what was typed.

use harness::texts::office::{ADDED, CONFIRM};
use harness::texts::plans::{DESCRIPTION, NAME};
use harness::{Browser, Context, Pair, Result, ensure, json};

use super::{OPERATOR, check_page, office_url, operator_at_work, sign_in};

harness::on_screens!([desktop](what_was_typed_is_there_after_signing_in_again));

const NEW_PASSWORD: &str = "another long password 7";

async fn what_was_typed_is_there_after_signing_in_again(pair: &Pair, browser: &Browser) -> Result<()> {
    operator_at_work(pair, browser).await?;
    browser.open(&office_url(pair, "/call-plans/new")).await?;
    browser.fill(NAME, "World 300").await?;
    browser.fill(DESCRIPTION, "Calls to the whole world").await?;
    // A new password ends every session.
    let api = &pair.agents(0).api;
    let operators = api.get("/operators").send().await?.expect(200)?.json()?;
    let mut operators = operators["items"].as_array().into_iter().flatten();
    let own = operators.find(|operator| operator["login"] == OPERATOR).context("the operator is there")?;
    let path = format!("/operators/{}", own["id"].as_str().unwrap_or_default());
    api.patch(&path).json(&json!({ "password": NEW_PASSWORD })).header("if-match", "*").expect(200).await?;
    browser.click(CONFIRM).await?;
    sign_in(browser, OPERATOR, NEW_PASSWORD).await?;
    browser.comes_to("/call-plans/new").await?;
    browser.see("What you typed before you signed in again is here").await?;
    ensure!(browser.value(NAME).await? == "World 300", "the name is gone");
    check_page(browser, "1-typed-again").await?;
    browser.click(CONFIRM).await?;
    browser.see(ADDED).await?;
    browser.open(&office_url(pair, "/call-plans/new")).await?;
    ensure!(browser.value(NAME).await?.is_empty(), "what was taken is typed again");
    Ok(())
}
