//! Signup links: with a campaign, in A2Billing's form, typed from paper. The placement holds the campaign.

use harness::names::{Rng, person};
use harness::texts::customers::SEARCH as WHOM;
use harness::texts::signup::{DONE, LOOK_AGAIN, NOTHING_HERE, SEND, UNUSABLE};
use harness::{Browser, Context, Pair, Result, ensure, eventually, seconds};

use super::{check_page, fill_in, office_url, only_placement, operator_at_work, see_number, signup_url};

harness::on_screens!(a_campaign_is_kept_to_the_end, old_and_typed_links_lead_to_the_form);

const CAMPAIGN: &str = "utm_source=Station%20poster&utm_medium=print&sub_id=platform-9";

async fn a_campaign_is_kept_to_the_end(pair: &Pair, browser: &Browser) -> Result<()> {
    let url = signup_url(pair).await?;
    browser.open(&format!("{url}?{CAMPAIGN}")).await?;
    browser.see("World 300").await?;
    // The campaign survives a change of the language and a mistake.
    browser.click("English").await?;
    browser.click("Deutsch").await?;
    browser.see("Vorname").await?;
    browser.comes_to("lang=de").await?;
    browser.click("Deutsch").await?;
    check_page(browser, "1-languages").await?;
    browser.click("English").await?;
    browser.comes_to("lang=en").await?;
    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    fill_in(browser, &person(&mut Rng::new(81), 1)).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    let placement = only_placement(pair).await?;
    let campaign = &placement["campaign"];
    for (name, value) in [("utm_source", "Station poster"), ("utm_medium", "print"), ("sub_id", "platform-9")] {
        ensure!(campaign[name] == value, "{name} is lost: {campaign}");
    }

    operator_at_work(pair, browser).await?;
    let number = placement["customer_number"].as_str().context("a placement has a number")?;
    browser.open(&office_url(pair, &format!("/customers?search={number}"))).await?;
    browser.see(WHOM).await?;
    browser.click(number).await?;
    eventually(seconds(60), async || {
        browser.reload().await?;
        browser.see_now("Station poster").await
    })
    .await?;
    check_page(browser, "2-where-they-came-from").await
}

async fn old_and_typed_links_lead_to_the_form(pair: &Pair, browser: &Browser) -> Result<()> {
    let url = signup_url(pair).await?;
    let (base, key) = url.split_once("/signup/").context("a signup URL has a key")?;
    let (begin, end) = key.split_at(4);
    for path in [
        format!("/signup.php?key={key}"),
        format!("/customer/signup.php?key={key}&utm_source=old"),
        format!("/signup/{}", key.to_lowercase()),
        format!("/signup/{begin}-{end}"),
    ] {
        browser.open(&format!("{base}{path}")).await?;
        browser.see("World 300").await?;
    }
    browser.open(&format!("{base}/signup.php")).await?;
    browser.see(UNUSABLE[0].1).await?;
    check_page(browser, "1-no-key").await?;
    browser.open(&format!("{base}/signup/")).await?;
    browser.see_no("World 300").await?;
    browser.open(base).await?;
    browser.see(NOTHING_HERE).await?;

    browser.open(&format!("{base}/signup.php?key={key}&utm_source=old")).await?;
    fill_in(browser, &person(&mut Rng::new(82), 1)).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    let placement = only_placement(pair).await?;
    ensure!(placement["campaign"]["utm_source"] == "old", "the campaign is lost: {placement}");
    see_number(browser, &placement).await
}
