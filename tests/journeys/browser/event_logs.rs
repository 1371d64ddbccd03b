//! Both event logs: the operator browses the agents' log and the signups' log, page by page, by type and by stream,
//! and opens an event.

use harness::names::{Rng, person};
use harness::texts::office::{NEXT_PAGE, SEARCH};
use harness::{Browser, Pair, Result, Seller, ensure, eventually, json, seconds};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(the_operator_browses_both_logs);

/// More than one page of either log, and less than two of the signups' log.
const CUSTOMERS: usize = 60;
const NONE: &str = "No events match";
const OF_SIGNUPS: &str = "Signups' log";
const OF_AGENTS: &str = "Agents' log";

async fn the_operator_browses_both_logs(pair: &Pair, browser: &Browser) -> Result<()> {
    operator_at_work(pair, browser).await?;
    go_to(browser, "Activity", "operator created").await?;
    browser.click("Event log").await?;
    browser.see(OF_AGENTS).await?;
    browser.choose("Log", OF_SIGNUPS).await?;
    browser.click(SEARCH).await?;
    browser.comes_to("log=signups").await?;
    browser.see(NONE).await?;
    check_page(browser, "1-no-signup-yet").await?;

    let seller = fill(pair).await?;
    signups(browser).await?;
    agents(browser, &seller).await
}

/// One agent with many customers and many call plans.
async fn fill(pair: &Pair) -> Result<Seller> {
    let (operator, visitor) = (pair.agents(0), pair.signup(0));
    let seller = operator.add_seller().await?;
    for number in 0..CUSTOMERS {
        operator.add_plan_with(&json!({"name": format!("World {number}")})).await?;
    }
    let key = operator.add_key(&seller).await?;
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    for number in 0..CUSTOMERS {
        visitor.sign_up(&key.id, &person(&mut Rng::new(51), number)).await?.expect(201)?;
    }
    operator.turn_key(&key.id, "pause").await?;
    visitor.refused_within(seconds(5), &key.id, "paused").await?;
    visitor.page(&key.id).await?.expect(410)?;
    Ok(seller)
}

async fn signups(browser: &Browser) -> Result<()> {
    // The agents-service learns of the signup-service's events later.
    eventually(seconds(20), async || {
        browser.reload().await?;
        browser.see_now("\"reason\":\"paused\"").await
    })
    .await?;
    check_page(browser, "2-signups").await?;
    browser.click(NEXT_PAGE).await?;
    browser.comes_to("after=").await?;
    browser.see("customer_number").await?;
    ensure!(browser.path().await?.contains("log=signups"), "the next page is one of the other log");
    check_page(browser, "3-the-next-page").await?;

    browser.choose("Type", "customer placed").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("customer_placed").await?;
    browser.see("customer_number").await?;
    browser.see_no("\"reason\"").await?;
    browser.see_no("@mail.example").await?;
    check_page(browser, "4-of-one-type").await?;
    open_one(browser).await?;

    // The type is unknown in the other log, which shows all its events.
    browser.choose("Log", OF_AGENTS).await?;
    browser.click(SEARCH).await?;
    browser.comes_to("log=agents").await?;
    browser.see("\"World 59\"").await?;
    browser.see_no(NONE).await
}

/// Opens one event, with its hash.
async fn open_one(browser: &Browser) -> Result<()> {
    browser.click(&format!("{CUSTOMERS}")).await?;
    browser.see(&format!("Event {CUSTOMERS} of the signups' log")).await?;
    for words in ["customer placed", "visitor", "Hash over all events up to it", "\"terms_version\": \"1\""] {
        browser.see(words).await?;
    }
    check_page(browser, "5-one-event").await?;
    browser.click("customer …").await?;
    browser.comes_to("stream=customer").await?;
    browser.see_no(NONE).await?;
    browser.fill("Stream", "").await?;
    browser.click(SEARCH).await?;
    browser.see(NEXT_PAGE).await
}

async fn agents(browser: &Browser, seller: &Seller) -> Result<()> {
    browser.click(NEXT_PAGE).await?;
    browser.comes_to("after=").await?;
    browser.see("\"World 1\"").await?;
    browser.see_no("\"World 59\"").await?;
    check_page(browser, "6-the-agents-log").await?;
    browser.fill("Stream", &format!("agent-{}", seller.agent)).await?;
    browser.click(SEARCH).await?;
    browser.comes_to(&seller.agent).await?;
    let granted = format!("\"call_plan_id\":\"{}\"", seller.plan);
    for words in ["\"permissions\"", &granted] {
        browser.see(words).await?;
    }
    browser.see_no("\"World 1\"").await?;
    check_page(browser, "7-of-one-stream").await?;
    browser.choose("Type", "call plan granted").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("call_plan_granted").await?;
    browser.see(&granted).await?;
    browser.see_no("\"permissions\"").await?;
    check_page(browser, "8-of-one-type").await
}
