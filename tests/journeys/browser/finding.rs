//! Searching and listing: agents by state and order, page by page; customers by number, name and agent.

use harness::names::{Person, Rng, company, person};
use harness::texts::agents::SEARCH as WHICH_AGENT;
use harness::texts::customers::SEARCH as WHICH_CUSTOMER;
use harness::texts::office::{NEXT_PAGE, SEARCH};
use harness::{Browser, Context, Pair, Result, Seller, ensure, json};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!(agents_are_found_by_state_and_order, customers_are_found_by_number_name_and_agent);

/// One more than a page holds, so that the last one is alone on its page.
const AGENTS: usize = 51;
const NONE: &str = "No agents match";

async fn agents_are_found_by_state_and_order(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let mut rng = Rng::new(71);
    let first = operator.add_agent_with(json!({"name": "Zebra Calls", "login": "aaa-zebra"})).await?.id;
    for number in 2..AGENTS {
        operator.add_agent_with(json!({"name": company(&mut rng, number)})).await?;
    }
    operator.add_agent_with(json!({"name": "Aardvark Calls", "login": "zzz-aardvark"})).await?;
    operator.turn_agent(&first, "suspend").await?;
    operator_at_work(pair, browser).await?;

    go_to(browser, "Agents", "Aardvark Calls").await?;
    for (order, shown, not_shown) in [
        ("By login", "Zebra Calls", "Aardvark Calls"),
        ("Newest first", "Aardvark Calls", "Zebra Calls"),
        ("Oldest first", "Zebra Calls", "Aardvark Calls"),
    ] {
        browser.choose("Order", order).await?;
        browser.click(SEARCH).await?;
        browser.see(shown).await?;
        browser.see_no(not_shown).await?;
        browser.click(NEXT_PAGE).await?;
        browser.see(not_shown).await?;
        browser.see_no(shown).await?;
    }
    check_page(browser, "1-the-last-page").await?;
    browser.choose("State", "Suspended").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("state=suspended").await?;
    browser.see("Zebra Calls").await?;
    browser.see_no("Aardvark Calls").await?;
    check_page(browser, "2-suspended").await?;
    browser.fill(WHICH_AGENT, "aardvark").await?;
    browser.click(SEARCH).await?;
    browser.see(NONE).await?;
    browser.choose("State", "Any").await?;
    browser.click(SEARCH).await?;
    browser.see("Aardvark Calls").await
}

async fn customers_are_found_by_number_name_and_agent(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let mut people = Vec::new();
    for (place, (agent, first_name, last_name)) in
        [("Anna's Phones", "Sinéad", "O'Brien"), ("Berta's Calls", "小龙", "李")].into_iter().enumerate()
    {
        let agent = operator.add_agent_with(json!({"name": agent, "login": format!("agent-{place}")})).await?.id;
        let plan = operator.add_plan("World 300").await?.id;
        operator.grant(&agent, &plan).await?;
        let group = operator.add_group("VoIP", &agent).await?.id;
        let seller = Seller { agent, plan, group };
        let key = operator.add_key(&seller).await?;
        pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
        let (first_name, last_name) = (first_name.to_owned(), last_name.to_owned());
        let visitor = Person { first_name, last_name, ..person(&mut Rng::new(72), place) };
        let placed = pair.signup(0).sign_up(&key.id, &visitor).await?.expect(201)?.json()?;
        let number = placed["customer_number"].as_str().context("a customer has a number")?.to_owned();
        people.push((visitor, number));
    }
    let [(anna, annas), (_, bertas)] = people.as_slice() else { return Ok(()) };
    operator_at_work(pair, browser).await?;
    go_to(browser, "Customers", annas).await?;
    browser.see(bertas).await?;
    check_page(browser, "1-customers").await?;
    for words in [annas, "o'brien", "Sinéad", &anna.email.to_uppercase()] {
        browser.fill(WHICH_CUSTOMER, words).await?;
        browser.click(SEARCH).await?;
        browser.see(annas).await?;
        browser.see_no(bertas).await?;
        ensure!(browser.value(WHICH_CUSTOMER).await? == *words, "what was looked for is forgotten");
    }
    check_page(browser, "2-by-address").await?;
    browser.fill(WHICH_CUSTOMER, "nobody at all").await?;
    browser.click(SEARCH).await?;
    browser.see("No customers match").await?;
    browser.fill(WHICH_CUSTOMER, "").await?;
    browser.choose("Agent", "Berta's Calls").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("agent_id=").await?;
    browser.see(bertas).await?;
    browser.see_no(annas).await?;
    check_page(browser, "3-of-one-agent").await
}
