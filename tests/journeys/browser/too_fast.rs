//! Rate limits that people may reach: signups from one address, wrong passwords. Both pages ask to wait, and keep the
//! typed values.

use harness::browser::{Options, run_on};
use harness::names::{Rng, person};
use harness::texts::door::{LOGIN, NO_FIT, TOO_MANY_TRIES};
use harness::texts::signup::{DONE, EMAIL, SEND, TOO_FAST};
use harness::{Browser, Pair, Result, Setup, bail, ensure, eventually, seconds};

use super::{OPERATOR, check_page, fill_in, office_url, only_placement, sign_in, signup_url};

/// Each process has a fifth of the limits: 4 signups and 2 passwords in a minute. A slow machine exceeds these too.
const REPLICAS: &str = "5";
/// More than an address may send in a minute, and more wrong passwords than a login may have.
const SIGNUPS: usize = 10;
const TRIES: usize = 10;

/// New pairs, since all others have their limits off.
async fn limited(options: Options, flow: impl AsyncFnOnce(&Pair, &Browser) -> Result<()>) -> Result<()> {
    let setup = Setup::embedded(options.journey).with("SIGNPOST_RATE_LIMITS", "on");
    run_on(setup.with("SIGNPOST_RATE_LIMIT_REPLICAS", REPLICAS), options, flow).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_who_signs_up_too_fast_waits_and_goes_on() -> Result<()> {
    for options in [Options::phone("too_fast::phone::signing_up"), Options::desktop("too_fast::desktop::signing_up")] {
        limited(options, too_many_signups).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_guesses_have_to_wait() -> Result<()> {
    for options in [Options::phone("too_fast::phone::guessing"), Options::desktop("too_fast::desktop::guessing")] {
        limited(options, too_many_tries).await?;
    }
    Ok(())
}

async fn too_many_signups(pair: &Pair, browser: &Browser) -> Result<()> {
    let url = signup_url(pair).await?;
    let visitor = person(&mut Rng::new(111), 1);
    browser.open(&url).await?;
    fill_in(browser, &visitor).await?;
    for number in 0..SIGNUPS {
        pair.signup(0).sign_up("nosuchkey000", &person(&mut Rng::new(112), number)).await?;
    }
    browser.click(SEND).await?;
    browser.see(TOO_FAST).await?;
    check_page(browser, "1-too-fast").await?;
    browser.go_back().await?;
    ensure!(browser.value(EMAIL).await? == visitor.email, "the address must be typed again");
    eventually(seconds(120), async || {
        browser.click(SEND).await?;
        if browser.see_either(DONE, TOO_FAST).await? == TOO_FAST {
            browser.go_back().await?;
            bail!("it is still too fast");
        }
        Ok(())
    })
    .await?;
    only_placement(pair).await.map(drop)
}

async fn too_many_tries(pair: &Pair, browser: &Browser) -> Result<()> {
    pair.agents(0).add_operator(OPERATOR).await?;
    let mut tries = 0;
    while browser.see_now(TOO_MANY_TRIES).await.is_err() {
        tries += 1;
        ensure!(tries < TRIES, "nobody is stopped from guessing");
        browser.open(&office_url(pair, "/")).await?;
        sign_in(browser, OPERATOR, "not my password").await?;
        eventually(seconds(60), async || {
            let text = browser.text().await?;
            ensure!(text.contains(NO_FIT) || text.contains(TOO_MANY_TRIES), "no message about the password");
            Ok(())
        })
        .await?;
    }
    ensure!(browser.value(LOGIN).await? == OPERATOR, "the login must be typed again");
    check_page(browser, "1-too-many-tries").await
}
