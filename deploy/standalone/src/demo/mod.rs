//! An example of a year: a company with forty agents, made through the product's own commands on empty databases. The services run
//! in this process at a clock that goes through the past, and end before the real ones start. Amounts, days and names come from a
//! fixed seed, so two runs that end with the same day show the same figures; ids, keys and passwords differ.
//!
//! Each noun has a file: [`operator`] changes terms, plans, keys and agents by the [`calendar`]; [`visitors`] come; [`billing`]
//! reports payments and [`reversals`]; agents ask for [`payouts`] and write [`messages`].

mod agenda;
mod billing;
mod calendar;
mod cast;
mod company;
mod customers;
mod keys;
mod links;
mod messages;
mod money;
mod oddities;
mod opening;
mod operator;
mod payouts;
mod people;
mod phones;
mod plans;
mod progress;
mod random;
mod report;
mod reversals;
mod season;
mod shop;
mod signup;
mod size;
mod statements;
mod unfinished;
mod visitors;

use anyhow::{Context, ensure};
use contract::ids::random_crockford;
use web::settings::Settings;

use company::Company;
pub use report::Demo;
use season::Season;
use shop::Shop;
pub use size::{DemoArguments, Size};
pub use unfinished::is_marked as is_unfinished;

/// Crockford digits of the token by which the example is made.
const TOKEN_LENGTH: usize = 32;
/// What the databases hold after the example was interrupted.
pub const UNFINISHED: &str = "the example in this database was interrupted: start again with an empty database";

/// Makes the example; `None` where the databases hold anything else.
pub async fn make(settings: &Settings, size: Size) -> anyhow::Result<Option<Demo>> {
    if !is_empty(settings).await? {
        return Ok(None);
    }
    let mut settings = settings.clone();
    let token = settings.bootstrap_token.clone().map_or_else(|| random_crockford(TOKEN_LENGTH), Ok)?;
    settings.bootstrap_token = Some(token.clone());
    let season = Season::until(size.last, size.signups);
    println!("demo: making a year, from {} to {}", season.first(), size.last);
    let (company, first_operator) = Company::found(&settings, &token, season.first().begins()).await?;
    let mark = unfinished::mark(&company).await?;
    let shop = Box::pin(year(&company, &season, size.signups)).await.context("demo")?;
    let demo = Demo::of(&shop, first_operator, token);
    unfinished::complete(&company, &mark).await?;
    company.close().await;
    Ok(Some(demo))
}

/// Whether neither log has an event. Migrates the databases; an interrupted example is an error.
async fn is_empty(settings: &Settings) -> anyhow::Result<bool> {
    let (agents, agents_log) = agents_service::maintenance::open(settings).await.context("agents-service")?;
    let (signups, signups_log) = signup_service::maintenance::open(settings).await.context("signup-service")?;
    let positions = [agents_log.head().await?.position, signups_log.head().await?.position];
    let is_unfinished = is_unfinished(&agents).await?;
    agents.close().await;
    signups.close().await;
    ensure!(!is_unfinished, UNFINISHED);
    Ok(positions == [0, 0])
}

async fn year(company: &Company, season: &Season, signups: usize) -> anyhow::Result<Shop> {
    let mut days = season.days().peekable();
    let (first, _) = *days.peek().context("a year has days")?;
    let mut shop = opening::open(company, first).await?;
    let mut progress = progress::Progress::to(signups);
    let (mut billing, mut payouts, mut messages) =
        (billing::Billing::default(), payouts::Payouts::default(), messages::Messages::default());
    for (today, customers) in days {
        operator::work(company, &mut shop, today).await?;
        visitors::come(company, &mut shop, today, customers).await?;
        customers::care(company, &mut shop, today).await?;
        billing.report(company, &mut shop, today).await?;
        payouts.go_on(company, &mut shop, today).await?;
        messages.write(company, &mut shop, today).await?;
        statements::issue(company, &mut shop, today).await?;
        progress.tell(&shop, today);
    }
    Ok(shop)
}
