//! Visitors of a day: they open signup pages, and some of them sign up.

use std::collections::BTreeMap;

use anyhow::ensure;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use contract::clock::Moment;
use contract::events::Contract;
use contract::events::signups::{Channel, SignupsEvent};
use futures::{StreamExt, TryStreamExt};

use super::company::{Answer, Company};
use super::people::person;
use super::random::{Part, Random};
use super::season::Today;
use super::shop::{Customer, Shop};
use super::signup::{Campaign, Signup, query};

/// Seconds of a day between which visitors come, by UTC.
const HOURS: [i64; 2] = [6 * 3_600 + 40 * 60, 20 * 3_600 + 25 * 60];
/// Most by which the lookers before a signup differ from what is usual for the link.
const MORE_OR_LESS: i64 = 3;
/// Of a hundred visitors by a link of a campaign, how many carry its parameters.
const OF_CAMPAIGN: i64 = 80;
/// Of a hundred page views, how many are previews by programs.
const PREVIEWS: i64 = 3;
/// Of a hundred who fill the form in, how many have forgotten that they are customers, and how many are robots.
const FORGETFUL: i64 = 2;
const ROBOTS: i64 = 1;
/// Of a hundred days, on how many a printed key is misread.
const MISREADING: i64 = 25;
/// Of ten who sign up, how many do so by a program, and how many in a frame.
const CHANNELS: [i64; 2] = [2, 1];
/// Times that visitors come on the last day, until all have signed up.
const ROUNDS: u64 = 50;
/// Requests at a time, which are committed together.
const AT_ONCE: usize = 256;
/// Events of the log that are read at a time.
const PAGE: usize = 10_000;

/// What a visitor does.
enum Visit {
    Look { key: String, campaign: Campaign, is_preview: bool },
    Fill(Box<Signup>),
}

/// Lets visitors come, until so many are customers; those who are missing come the next day.
pub async fn come(company: &Company, shop: &mut Shop, today: Today, customers: usize) -> anyhow::Result<()> {
    for round in 0..ROUNDS {
        let missing = customers.saturating_sub(shop.customers.len());
        let visits = visits(shop, today, round, missing);
        let before = company.signup_app.log.head().await?.position;
        let placed = make(company, shop, today, visits).await?;
        company.tell_operators().await?;
        note(company, shop, today.number, before, &placed).await?;
        if !today.is_last() || shop.customers.len() >= customers {
            return Ok(());
        }
    }
    anyhow::bail!("there are {} customers in place of {customers}", shop.customers.len())
}

/// Makes the visits, over the hours of the day; who was placed, by the position of the log.
async fn make(
    company: &Company,
    shop: &Shop,
    today: Today,
    visits: Vec<Visit>,
) -> anyhow::Result<BTreeMap<u64, Signup>> {
    let count = i64::try_from(visits.len())?.max(1);
    let [first, last] = HOURS;
    let timed = (0..).zip(visits).map(|(number, visit): (i64, _)| {
        (today.day.begins().plus_seconds(first + (last - first) * number / count), visit)
    });
    // Of keys with a cap it counts who is first, so those visitors come one after the other.
    let (capped, others): (Vec<_>, Vec<_>) = timed.partition(|(_, visit)| visit.is_capped(shop));
    let mut placed = BTreeMap::new();
    for (visits, at_once) in [(others, AT_ONCE), (capped, 1)] {
        let answers = futures::stream::iter(visits).map(|(at, visit)| visit.make(company, at, &shop.terms_version));
        let answers: Vec<Option<(u64, Signup)>> = answers.buffered(at_once).try_collect().await?;
        placed.extend(answers.into_iter().flatten());
    }
    Ok(placed)
}

fn visits(shop: &mut Shop, today: Today, round: u64, count: usize) -> Vec<Visit> {
    let mut random = Random::of(Part::Visitors, today.seed() * ROUNDS + round);
    let weights: Vec<i64> = shop.offers.iter().map(|offer| offer.weight_on(today.number)).collect();
    let mut visits = Vec::new();
    for _ in 0..count {
        let place = random.weighted(&weights);
        let (key, link) = (shop.offers[place].key.clone(), shop.offers[place].link);
        let mut campaign = || link.campaign(today.month()).filter(|_| random.percent(OF_CAMPAIGN));
        let filled = campaign();
        let looked = campaign();
        let looks = link.looks - MORE_OR_LESS + random.below(2 * MORE_OR_LESS + 1);
        for number in 0..looks {
            let campaign = if number == 0 { filled } else { looked };
            visits.push(Visit::Look { key: key.clone(), campaign, is_preview: random.percent(PREVIEWS) });
        }
        visits.extend(fill(&mut random, shop, place, filled).map(|signup| Visit::Fill(Box::new(signup))));
    }
    // Somebody always has an old link.
    let old: Vec<_> = shop.offers.iter().filter(|offer| !offer.is_usable_on(today.number)).collect();
    if let Some(offer) = random.one(&old) {
        visits.push(Visit::Look { key: offer.key.clone(), campaign: None, is_preview: false });
    }
    if random.percent(MISREADING)
        && let Some(offer) = random.one(&shop.offers)
    {
        visits.push(Visit::Look { key: misread(&offer.key), campaign: None, is_preview: false });
    }
    visits
}

/// Somebody who fills the form of an offer in.
fn fill(random: &mut Random, shop: &mut Shop, offer: usize, campaign: Campaign) -> Option<Signup> {
    shop.visitors += 1;
    let visitor = shop.visitors;
    let place = &shop.offers[offer];
    let mut person = person(random, shop.agents[place.agent].cast.country, visitor)?;
    if random.percent(FORGETFUL)
        && let Some(customer) = random.one(&shop.customers)
    {
        person.email.clone_from(&customer.email);
    }
    let [programs, frames] = CHANNELS;
    let (channel, is_robot) = match random.below(10) {
        number if number < programs => (Channel::Api, false),
        number if number < programs + frames => (Channel::Frame, false),
        _ => (Channel::Page, random.percent(ROBOTS)),
    };
    Some(Signup { key: place.key.clone(), offer, campaign, channel, person, visitor, is_robot })
}

/// The key with another last letter.
fn misread(key: &str) -> String {
    let (start, last) = key.split_at(key.len() - 1);
    format!("{start}{}", if last == "7" { "1" } else { "7" })
}

impl Visit {
    fn is_capped(&self, shop: &Shop) -> bool {
        matches!(self, Self::Fill(signup) if shop.offers[signup.offer].link.cap.is_some())
    }

    /// Who signed up, and the position of the log at which they did.
    async fn make(self, company: &Company, at: Moment, terms_version: &str) -> anyhow::Result<Option<(u64, Signup)>> {
        company.set_clock(at);
        match self {
            Self::Look { key, campaign, is_preview } => {
                let mut request = Request::get(format!("/signup/{key}{}", query(campaign, false)));
                if is_preview {
                    request = request.header("user-agent", "ExamplePreview/1.0 (bot)");
                }
                expected(&company.visit(request.body(Body::empty())?).await?, false)?;
                Ok(None)
            }
            Self::Fill(signup) => {
                let answer = company.visit(signup.request(terms_version)?).await?;
                expected(&answer, signup.is_robot)?;
                Ok(answer.position.filter(|_| has_worked(answer.status)).map(|position| (position, *signup)))
            }
        }
    }
}

/// A form is answered with the way to its confirmation.
fn has_worked(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::SEE_OTHER
}

/// Keys that may not be used any more and forms that robots fill in are a part of the example; everything else must succeed.
fn expected(answer: &Answer, by_robot: bool) -> anyhow::Result<()> {
    let status = answer.status.as_u16();
    let is_refused = matches!(status, 404 | 409 | 410) || by_robot && status == 422;
    ensure!(has_worked(answer.status) || is_refused, "a visitor got {status}: {}", answer.text());
    Ok(())
}

/// Notes the customers, in the order of the visitors: that of the log depends on which request was faster.
async fn note(
    company: &Company,
    shop: &mut Shop,
    day: i64,
    before: u64,
    placed: &BTreeMap<u64, Signup>,
) -> anyhow::Result<()> {
    let known = shop.customers.len();
    for event in company.signup_app.log.read_after(before, PAGE).await? {
        match SignupsEvent::read(&event.type_name, &event.data)? {
            Some(SignupsEvent::CustomerPlaced(customer)) => {
                let Some(signup) = placed.get(&event.position) else { continue };
                shop.offers[signup.offer].placed += 1;
                shop.customers.push(Customer {
                    id: customer.customer_id.to_string(),
                    number: customer.customer_number,
                    offer: signup.offer,
                    placed: day,
                    visitor: signup.visitor,
                    email: signup.person.email.clone(),
                    is_erased: false,
                });
                shop.counts.customers += 1;
            }
            Some(SignupsEvent::SignupPageViewed(viewed)) => shop.counts.views += viewed.views,
            Some(SignupsEvent::SignupRefused(refused)) => shop.counts.refusals += refused.count,
            _ => {}
        }
    }
    shop.customers[known..].sort_by_key(|customer| customer.visitor);
    Ok(())
}
