//! The dashboard: a sale appears on the open page, with its agent.

use harness::names::{Rng, person};
use harness::texts::keys::{COPIED, COPY};
use harness::{Browser, Pair, Result, ensure, eventually, json, seconds};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!([phone, desktop](a_sale_appears_while_the_operator_looks_on));

async fn a_sale_appears_while_the_operator_looks_on(pair: &Pair, browser: &Browser) -> Result<()> {
    let (operator, visitor) = (pair.agents(0), pair.signup(0));
    let seller = operator.add_seller().await?;
    operator_at_work(pair, browser).await?;
    browser.see("Signups today 0").await?;
    browser.see("Nobody has looked or signed up").await?;

    let key = operator.add_key_with(&seller, json!({"label": "Shop window"})).await?;
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    visitor.sign_up(&key.id, &person(&mut Rng::new(61), 1)).await?.expect(201)?;
    browser.see("Signups today 1").await?;
    browser.see("World 300").await?;
    operator.turn_key(&key.id, "pause").await?;
    visitor.refused_within(seconds(5), &key.id, "paused").await?;
    visitor.page(&key.id).await?.expect(410)?;
    eventually(seconds(20), async || browser.see_now("Refusals 1").await).await?;
    check_page(browser, "1-live").await?;
    browser.choose("Period", "Last month").await?;
    browser.choose("Chart", "Views").await?;
    browser.click("Show").await?;
    browser.comes_to("period=last_month").await?;
    browser.see("Views each day").await?;
    browser.see("Signups 0").await?;
    browser.see("Nobody has looked or signed up").await?;

    // From the sale to its signup URL, which is copied.
    go_to(browser, "Signup URLs", "Shop window").await?;
    check_page(browser, "2-urls").await?;
    browser.click_in("Shop window", "http").await?;
    browser.see("Signups 1").await?;
    browser.see("Refusals 1").await?;
    browser.click(COPY).await?;
    browser.see(COPIED).await?;
    for (name, beginning) in [("SVG", "<?xml"), ("PNG", "\u{fffd}PNG")] {
        let picture = browser.download(name).await?;
        ensure!(picture.starts_with(beginning), "{name} begins with {:?}", picture.get(..9));
    }
    Ok(())
}
