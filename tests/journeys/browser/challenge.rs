//! A challenge before the signup: with script the browser solves it by itself; without script the visitor waits and sends
//! the form again.

use harness::checker::Logs;
use harness::names::{Rng, person};
use harness::texts::signup::{CHECKED, DONE, EMAIL, SEND, SEND_AGAIN, WAIT};
use harness::{Browser, Context, Pair, Result, ensure, eventually, json, seconds};

harness::on_screens!(a_challenge_is_solved_or_waited_for);

mod with_script {
    use super::a_challenge_that_comes_after_the_form_is_solved_meanwhile;

    harness::on_screens!([phone, desktop](a_challenge_that_comes_after_the_form_is_solved_meanwhile));
}

/// From now on each signup needs a challenge.
async fn ask(pair: &Pair, url: &str) -> Result<()> {
    let position = pair.agents(0).change_settings(&json!({"signup_challenge": "always"})).await?.position()?;
    let key = url.rsplit('/').next().context("a signup URL ends with its key")?;
    pair.signup(0).lookup_at(key, position).await?.expect(200)?;
    Ok(())
}

async fn a_challenge_is_solved_or_waited_for(pair: &Pair, browser: &Browser) -> Result<()> {
    let url = super::signup_url(pair).await?;
    ask(pair, &url).await?;
    let visitor = person(&mut Rng::new(43), 1);
    browser.open(&url).await?;
    super::fill_in(browser, &visitor).await?;
    if browser.options().script {
        browser.review("1-form").await?;
        browser.click(SEND).await?;
        browser.see(DONE).await?;
        browser.review("2-confirmation").await?;
    } else {
        browser.click(SEND).await?;
        browser.see(WAIT).await?;
        browser.review("1-wait").await?;
        ensure!(browser.value(EMAIL).await? == visitor.email, "the address must be typed again");
        eventually(seconds(60), async || {
            browser.click(SEND_AGAIN).await?;
            ensure!(browser.see_either(DONE, WAIT).await? == DONE, "the wait has no end");
            Ok(())
        })
        .await?;
        was_refused(pair).await?;
    }
    super::see_number(browser, &super::only_placement(pair).await?).await
}

/// A form that was opened before the challenge was asked for.
async fn a_challenge_that_comes_after_the_form_is_solved_meanwhile(pair: &Pair, browser: &Browser) -> Result<()> {
    let url = super::signup_url(pair).await?;
    browser.open(&url).await?;
    super::fill_in(browser, &person(&mut Rng::new(44), 1)).await?;
    ask(pair, &url).await?;
    browser.click(SEND).await?;
    browser.see(CHECKED).await?;
    browser.review("1-checked").await?;
    browser.click(SEND_AGAIN).await?;
    browser.see(DONE).await?;
    was_refused(pair).await?;
    super::only_placement(pair).await.map(drop)
}

/// The operator sees that forms came without a solution.
async fn was_refused(pair: &Pair) -> Result<()> {
    eventually(seconds(30), async || {
        let logs = Logs::read(pair).await?;
        let refused = logs.signups.named("signup_refused").next().context("no refusal is recorded")?;
        ensure!(refused.data()?["reason"] == "challenge_unsolved", "another refusal: {}", refused.data()?);
        Ok(())
    })
    .await
}
