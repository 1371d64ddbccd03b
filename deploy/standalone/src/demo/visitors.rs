//! Visitors of a day: they open signup pages, and some of them sign up.

use std::collections::BTreeMap;

use anyhow::ensure;
use axum::body::Body;
use axum::http::Request;
use contract::events::Contract;
use contract::events::signups::SignupsEvent;
use futures::{StreamExt, TryStreamExt};
use serde_json::json;

use super::company::{Answer, Company};
use super::people::{CAMPAIGNS, Person, person};
use super::random::Random;
use super::shop::{Customer, Shop, Today};

/// Minutes of a day at which visitors come.
const HOURS: [i64; 4] = [7 * 60 + 40, 11 * 60 + 10, 15 * 60 + 55, 19 * 60 + 25];
/// Visitors who fill the form in, on the first day and on the last.
const AT_FIRST: i64 = 16;
const AT_LAST: i64 = 35;
/// How many look at a page for each of them.
const LOOKERS: i64 = 4;
/// Requests at a time.
const AT_ONCE: usize = 16;
/// Events of the log that are read at a time.
const PAGE: usize = 10_000;

/// What a visitor does.
enum Visit {
    Look {
        key: String,
        campaign: usize,
    },
    /// By the page, where the flag says so in a frame.
    Fill {
        who: Signup,
        framed: bool,
    },
    /// By a partner's program.
    Send(Signup),
}

#[derive(Clone)]
struct Signup {
    key: String,
    campaign: usize,
    person: Person,
    agent: usize,
    plan: usize,
    visitor: u64,
}

pub async fn come(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    for (slot, minutes) in (0..).zip(HOURS) {
        company.set_clock(today.at(minutes));
        let mut random = Random::of(1_000 + u64::try_from(today.number * 10 + slot)?);
        let visits = visits(&mut random, shop, today.number)?;
        let before = company.signup_app.log.head().await?.position;
        let terms_version = shop.terms_version.clone();
        let answers = futures::stream::iter(visits).map(|visit| visit.make(company, &terms_version));
        let answers: Vec<Option<(Signup, u64)>> = answers.buffered(AT_ONCE).try_collect().await?;
        let placed: BTreeMap<u64, Signup> = answers.into_iter().flatten().map(|(who, at)| (at, who)).collect();
        company.tell_operators().await?;
        note(company, shop, today.number, before, &placed).await?;
    }
    Ok(())
}

fn visits(random: &mut Random, shop: &mut Shop, day: i64) -> anyhow::Result<Vec<Visit>> {
    // Fewer on two days of seven.
    let quiet = if day % 7 > 4 { 60 } else { 112 };
    let of_day = (AT_FIRST + (AT_LAST - AT_FIRST) * day / 91) * quiet / 100;
    let count = (of_day + random.below(4)) / 4;
    let (mut visits, mut capped) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let place = random.weighted(shop.offers.iter().map(|offer| offer.weight));
        let offer = &shop.offers[place];
        for _ in 0..LOOKERS {
            let campaign = usize::try_from(random.below(6))?;
            visits.push(Visit::Look { key: offer.key.clone(), campaign });
        }
        // With a cap it counts who is first, so only one comes at a time.
        if offer.is_capped && capped.contains(&place) {
            continue;
        }
        capped.push(place);
        shop.visitors += 1;
        // Some forget that they have signed up already.
        let number = if random.percent(2) { shop.visitors * 3 / 4 } else { shop.visitors };
        let country = shop.agents[offer.agent].cast.country;
        let Some(person) = person(random, country, number) else { continue };
        let campaign = usize::try_from(random.below(6))?;
        let (key, agent, plan, visitor) = (offer.key.clone(), offer.agent, offer.plan, shop.visitors);
        let who = Signup { key, campaign, person, agent, plan, visitor };
        visits.push(match random.below(10) {
            0..2 => Visit::Send(who),
            2 => Visit::Fill { who, framed: true },
            _ => Visit::Fill { who, framed: false },
        });
    }
    // A letter of a printed key is misread now and then.
    if random.percent(25)
        && let Some(offer) = random.one(&shop.offers)
    {
        let (start, last) = offer.key.split_at(offer.key.len() - 1);
        let misread = if last == "7" { "1" } else { "7" };
        visits.push(Visit::Look { key: format!("{start}{misread}"), campaign: 0 });
    }
    Ok(visits)
}

impl Visit {
    /// Who signed up, and the position of the log at which they did.
    async fn make(self, company: &Company, terms_version: &str) -> anyhow::Result<Option<(Signup, u64)>> {
        let (who, request) = match self {
            Self::Look { key, campaign } => {
                let request = Request::get(format!("/signup/{key}{}", query(campaign, false))).body(Body::empty())?;
                expected(&company.visit(request).await?)?;
                return Ok(None);
            }
            Self::Fill { who, framed } => {
                let request = Request::post(format!("/signup/{}{}", who.key, query(who.campaign, framed)))
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(Body::from(form(&who, terms_version)))?;
                (who, request)
            }
            Self::Send(who) => {
                let request = Request::post("/api/v1/signups")
                    .header("content-type", "application/json")
                    .header("idempotency-key", format!("visitor-{}", who.visitor))
                    .body(Body::from(body(&who, terms_version)))?;
                (who, request)
            }
        };
        let answer = company.visit(request).await?;
        expected(&answer)?;
        Ok(answer.position.filter(|_| answer.status.is_success()).map(|position| (who, position)))
    }
}

/// Keys that may not be used any more are a part of the example; everything else must succeed.
fn expected(answer: &Answer) -> anyhow::Result<()> {
    let is_refused = matches!(answer.status.as_u16(), 404 | 409 | 410);
    ensure!(answer.status.is_success() || is_refused, "a visitor got {}: {}", answer.status, answer.text());
    Ok(())
}

fn query(campaign: usize, framed: bool) -> String {
    let embed = if framed { "&embed=1" } else { "" };
    match CAMPAIGNS[campaign] {
        Some([source, medium, name]) => {
            format!("?utm_source={source}&utm_medium={medium}&utm_campaign={name}{embed}")
        }
        None => format!("?{}", embed.trim_start_matches('&')),
    }
}

fn form(who: &Signup, terms_version: &str) -> String {
    let Signup { person, visitor, campaign, .. } = who;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("email", &person.email)
        .append_pair("first_name", person.first_name)
        .append_pair("last_name", person.last_name)
        .append_pair("country", person.country)
        .append_pair("city", person.city)
        .append_pair("language", person.language)
        .append_pair("consent", "yes")
        .append_pair("terms_version", terms_version)
        .append_pair("leave_this_empty", "")
        .append_pair("idempotency_key", &format!("visitor-{visitor}"));
    if let Some([source, medium, name]) = CAMPAIGNS[*campaign] {
        form.append_pair("utm_source", source).append_pair("utm_medium", medium).append_pair("utm_campaign", name);
    }
    form.finish()
}

fn body(who: &Signup, terms_version: &str) -> String {
    let Signup { key, person, campaign, .. } = who;
    let mut body = json!({
        "key": key, "email": person.email, "first_name": person.first_name, "last_name": person.last_name,
        "country": person.country, "city": person.city, "language": person.language,
        "consent": { "terms_version": terms_version },
    });
    if let Some([source, medium, name]) = CAMPAIGNS[*campaign] {
        body["campaign"] = json!({ "utm_source": source, "utm_medium": medium, "utm_campaign": name });
    }
    body.to_string()
}

/// Notes the customers, in the order of the visitors: that of the log depends on which request was faster.
async fn note(
    company: &Company,
    shop: &mut Shop,
    day: i64,
    before: u64,
    placed: &BTreeMap<u64, Signup>,
) -> anyhow::Result<()> {
    let events = company.signup_app.log.read_after(before, PAGE).await?;
    let known = shop.customers.len();
    for event in events {
        match SignupsEvent::read(&event.type_name, &event.data)? {
            Some(SignupsEvent::CustomerPlaced(customer)) => {
                let Some(who) = placed.get(&event.position) else { continue };
                shop.customers.push(Customer {
                    id: customer.customer_id.to_string(),
                    number: customer.customer_number,
                    agent: who.agent,
                    plan: who.plan,
                    placed: day,
                    visitor: who.visitor,
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
