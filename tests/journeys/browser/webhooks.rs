//! Webhooks: an endpoint that cannot be reached is added, tested, paused and removed.

use harness::{Browser, Pair, Result};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(an_endpoint_is_added_tested_paused_and_removed);

const HOST: &str = "hooks.voip.example";

async fn an_endpoint_is_added_tested_paused_and_removed(pair: &Pair, browser: &Browser) -> Result<()> {
    operator_at_work(pair, browser).await?;
    go_to(browser, "Webhooks", "No endpoints yet").await?;
    check_page(browser, "1-no-endpoint-yet").await?;
    browser.click("Add endpoint").await?;
    browser.fill("URL", "https://127.0.0.1/hook").await?;
    browser.fill("Description", "The billing system").await?;
    check_page(browser, "2-endpoint-form").await?;
    browser.click("Add endpoint").await?;
    browser.see("must not point at a private or special address").await?;
    check_page(browser, "3-a-private-address").await?;
    browser.fill("URL", &format!("https://{HOST}/signpost")).await?;
    browser.click("Add endpoint").await?;
    browser.see("whsec_").await?;
    check_page(browser, "4-secret-shown-once").await?;

    browser.click("Endpoint").await?;
    browser.see("The billing system").await?;
    browser.see_no("whsec_").await?;
    browser.click("Send a test event").await?;
    browser.see("It is in no log").await?;
    check_page(browser, "5-what-a-test-does").await?;
    browser.click("Send test event").await?;
    browser.see("The test event was not delivered").await?;
    browser.see("unresolved").await?;
    check_page(browser, "6-endpoint-with-attempts").await?;

    browser.click("Pause").await?;
    browser.see("Its place in the logs is kept").await?;
    check_page(browser, "7-what-pausing-does").await?;
    browser.fill("Reason", "their server moves").await?;
    browser.click("Pause").await?;
    browser.see("The endpoint is paused.").await?;
    browser.see("somebody asked for it").await?;
    browser.see("their server moves").await?;
    browser.click("Replay").await?;
    browser.see("with the same ids").await?;
    check_page(browser, "8-what-a-replay-does").await?;
    browser.fill("Behind the position", "0").await?;
    browser.click("Replay").await?;
    browser.see("are sent again").await?;
    browser.click("Skip events").await?;
    browser.see("The receiver does not get them").await?;
    check_page(browser, "9-what-skipping-does").await?;
    go_to(browser, "Webhooks", HOST).await?;
    check_page(browser, "10-endpoints").await?;
    browser.click(HOST).await?;
    browser.click("Rotate secret").await?;
    browser.see("each attempt is signed with both").await?;
    check_page(browser, "11-what-rotating-does").await?;
    browser.click("Rotate secret").await?;
    browser.see("whsec_").await?;
    browser.click("Endpoint").await?;
    browser.click("Remove").await?;
    browser.see("for good").await?;
    browser.click("Remove").await?;
    browser.see("The endpoint is removed.").await?;
    browser.see("No endpoints yet").await
}
