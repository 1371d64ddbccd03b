//! The pictures of the README. The flows always visit both pages; they write the pictures for `tests/run pictures`
//! only.

use std::path::Path;

use harness::names::{Rng, person};
use harness::{Browser, Pair, Result, Seller, json};

use super::{operator_at_work, url_of};

harness::on_screens!([desktop](the_dashboard_shows_what_was_sold));
harness::on_screens!([phone](the_signup_page_shows_the_offer));

/// Agents, their plans, and the number of signups.
const SALES: [(&str, &str, usize); 3] =
    [("Harbour Telecom", "City flat", 7), ("Anna's Phones", "World 300", 4), ("Corner Shop", "Night and weekend", 2)];

async fn the_dashboard_shows_what_was_sold(pair: &Pair, browser: &Browser) -> Result<()> {
    let (visitor, mut rng) = (pair.signup(0), Rng::new(17));
    let address = json!({"customer_interface_url": "https://signup.harbour.example"});
    pair.agents(0).change_settings(&address).await?;
    for (agent, plan, signups) in SALES {
        let key = offer(pair, agent, plan).await?;
        for number in 0..signups {
            visitor.sign_up(&key, &person(&mut rng, number)).await?.expect(201)?;
        }
    }
    operator_at_work(pair, browser).await?;
    browser.see("Signups today 13").await?;
    keep(browser, "dashboard").await
}

async fn the_signup_page_shows_the_offer(pair: &Pair, browser: &Browser) -> Result<()> {
    let check_page = json!({"branding": {"name": "Harbour Telecom", "colour": "#0b5cad"}});
    let position = pair.agents(0).change_settings(&check_page).await?.position()?;
    let key = offer(pair, "Harbour Telecom", "City flat").await?;
    pair.signup(0).lookup_at(&key, position).await?.expect(200)?;
    browser.open(&url_of(pair, &key)).await?;
    browser.see("City flat").await?;
    keep(browser, "signup").await
}

/// Adds a usable key.
async fn offer(pair: &Pair, agent: &str, plan: &str) -> Result<String> {
    let operator = pair.agents(0);
    let agent = operator.add_agent_with(json!({"name": agent})).await?.id;
    let plan =
        json!({"name": plan, "description": "Unlimited calls within the city", "price_text": "9.90 EUR a month"});
    let plan = operator.add_plan_with(&plan).await?.id;
    operator.grant(&agent, &plan).await?;
    let group = operator.add_group("VoIP", &agent).await?.id;
    let key = operator.add_key_with(&Seller { agent, plan, group }, json!({"label": "Shop window"})).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    Ok(key.id)
}

async fn keep(browser: &Browser, name: &str) -> Result<()> {
    match std::env::var_os("SIGNPOST_TEST_PICTURES") {
        Some(folder) => browser.small_picture(&Path::new(&folder).join(format!("{name}.webp"))).await,
        None => Ok(()),
    }
}
