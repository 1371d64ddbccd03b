//! An example of a quarter of a year: a company with a dozen agents, made through the product's own commands on empty databases.
//! The services run in this process at a clock that goes through the past, and end before the real ones start. Amounts, days and
//! names come from a fixed seed, so two runs show the same figures; ids, keys and passwords differ.

mod billing;
mod cast;
mod company;
mod money;
mod opening;
mod payouts;
mod people;
mod random;
mod report;
mod shop;
mod terms;
mod visitors;

use anyhow::Context;
use contract::clock::{Clock, Day};
use contract::ids::random_crockford;
use web::settings::Settings;

use company::Company;
pub use report::Demo;
use shop::Shop;

/// Days of the example, the last one yesterday.
const DAYS: i64 = 92;
/// Crockford digits of the token by which the example is made.
const TOKEN_LENGTH: usize = 32;

/// Makes the example; `None` where the databases hold anything.
pub async fn make(settings: &Settings) -> anyhow::Result<Option<Demo>> {
    if !is_empty(settings).await? {
        return Ok(None);
    }
    let mut settings = settings.clone();
    let token = settings.bootstrap_token.clone().map_or_else(|| random_crockford(TOKEN_LENGTH), Ok)?;
    settings.bootstrap_token = Some(token.clone());
    let first = Clock::System.now().day().plus(-DAYS);
    println!("demo: making a quarter of a year, from {first} on; this takes some seconds");
    let (company, first_operator) = Company::found(&settings, &token, first.begins()).await?;
    let shop = Box::pin(quarter(&company, first)).await.context("demo")?;
    let demo = Demo::of(&shop, first_operator, token);
    company.close().await;
    Ok(Some(demo))
}

/// Whether neither log has an event. Migrates the databases.
async fn is_empty(settings: &Settings) -> anyhow::Result<bool> {
    let (agents, agents_log) = agents_service::maintenance::open(settings).await.context("agents-service")?;
    let (signups, signups_log) = signup_service::maintenance::open(settings).await.context("signup-service")?;
    let positions = [agents_log.head().await?.position, signups_log.head().await?.position];
    agents.close().await;
    signups.close().await;
    Ok(positions == [0, 0])
}

async fn quarter(company: &Company, first: Day) -> anyhow::Result<Shop> {
    let mut shop = opening::open(company, first).await?;
    for number in 0..DAYS {
        let today = shop::Today { number, day: first.plus(number) };
        terms::change(company, &mut shop, today).await?;
        visitors::come(company, &mut shop, today).await?;
        billing::report(company, &mut shop, today).await?;
        payouts::go_on(company, &mut shop, today).await?;
        if number % 10 == 9 {
            println!("demo: {}: {}", today.day, shop.counts);
        }
    }
    Ok(shop)
}
