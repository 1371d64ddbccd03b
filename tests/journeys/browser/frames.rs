//! The form in a frame of the agent's own page: the portal gives them the code, the operator allows their site, and a
//! visitor signs up there. Other sites show nothing of it, and the unframed page never appears in a frame.

use harness::names::{Rng, person};
use harness::operator::PASSWORD;
use harness::texts::keys::{COPIED, COPY_CODE};
use harness::texts::office::{CHANGED, CONFIRM, FAULTS};
use harness::texts::settings::{FRAMES, TITLE};
use harness::texts::signup::{DONE, FIRST_NAME, LOOK_AGAIN, SEND};
use harness::{Browser, Context, Pair, Result, Seller, Site, ensure, json};

use super::{check_page, fill_in, go_to, leave, office_url, only_placement, operator_at_work, see_number, sign_in};

harness::on_screens!(the_form_stands_in_the_agents_own_page);

/// The agent's page around the portal's code.
fn page(code: &str) -> String {
    let about = "<p>Phones, cards and a friendly word since 1987, right beside the station.</p>".repeat(9);
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Anna's Phones</title><link rel=icon href=data:,>
        <meta name=viewport content=\"width=device-width\"><main><h1>Anna's Phones</h1>{about}{code}
        <p>Do come and see us.</p></main></html>"
    )
}

async fn the_form_stands_in_the_agents_own_page(pair: &Pair, browser: &Browser) -> Result<()> {
    set_up(pair).await?;
    let code = the_code(pair, browser).await?;
    let site = Site::start(vec![("/", page(&code)), ("/whole", page(&code.replace("?embed=1", "")))]).await?;
    let (allowed, other) = (site.origin("localhost"), site.origin("127.0.0.1"));
    allow(pair, browser, &allowed).await?;
    sign_up(pair, browser, &allowed).await?;
    for (url, name) in [(other, "5-not-allowed"), (format!("{allowed}/whole"), "6-never-the-whole-page")] {
        browser.open(&url).await?;
        browser.see("Anna's Phones").await?;
        browser.refuses_the_frame().await?;
        browser.enter_frame().await?;
        browser.see_no(FIRST_NAME).await?;
        browser.see_no("World 300").await?;
        browser.leave_frame().await?;
        check_page(browser, name).await?;
    }
    Ok(())
}

async fn set_up(pair: &Pair) -> Result<()> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": "Anna's Phones", "login": "anna-agent"})).await?.id;
    let plan = operator.add_plan("World 300").await?.id;
    operator.grant(&agent, &plan).await?;
    let group = operator.add_group("VoIP", &agent).await?.id;
    let key = operator.add_key_with(&Seller { agent, plan, group }, json!({"label": "My own page"})).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200).map(drop)
}

/// The code that the portal gives the agent for their page.
async fn the_code(pair: &Pair, browser: &Browser) -> Result<String> {
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("100.00 EUR").await?;
    go_to(browser, "Signup URLs", "My own page").await?;
    browser.click_in("My own page", "http").await?;
    browser.see("The form itself, in a frame").await?;
    check_page(browser, "1-the-code").await?;
    if browser.options().script {
        browser.click(COPY_CODE).await?;
        browser.see(COPIED).await?;
    } else {
        // Code that would not work is not offered.
        browser.see_no(COPY_CODE).await?;
    }
    let text = browser.text().await?;
    let (_, code) = text.split_once("<iframe").context("there is no code")?;
    let (code, _) = code.split_once("</iframe>").context("the code has no end")?;
    leave(browser).await?;
    Ok(format!("<iframe{code}</iframe>"))
}

async fn allow(pair: &Pair, browser: &Browser, origin: &str) -> Result<()> {
    operator_at_work(pair, browser).await?;
    go_to(browser, "Settings", TITLE).await?;
    browser.fill(FRAMES, &format!("{origin}\nhttp://annas-phones.example")).await?;
    browser.click(CONFIRM).await?;
    browser.see(FAULTS).await?;
    let fault = browser.fault(FRAMES).await?;
    for words in ["http://annas-phones.example", "http for localhost and 127.0.0.1 only"] {
        ensure!(fault.contains(words), "{words} is not reported: {fault:?}");
    }
    browser.fill(FRAMES, origin).await?;
    browser.click(CONFIRM).await?;
    browser.see(CHANGED).await
}

async fn sign_up(pair: &Pair, browser: &Browser, url: &str) -> Result<()> {
    let visitor = person(&mut Rng::new(41), 1);
    browser.open(url).await?;
    browser.see("Anna's Phones").await?;
    browser.enter_frame().await?;
    browser.see("World 300").await?;
    check_page(browser, "2-form").await?;
    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    check_page(browser, "3-faults").await?;
    fill_in(browser, &visitor).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    // With script only; without it, the browser does not scroll the page around the frame.
    if browser.options().script {
        browser.has_in_view(DONE).await?;
    }
    see_number(browser, &only_placement(pair).await?).await?;
    check_page(browser, "4-confirmation").await?;
    browser.leave_frame().await?;
    browser.see("Do come and see us").await
}
