//! The operator's work of a day.

use anyhow::Context;
use serde_json::{Value, json};

use super::calendar::{Change, changes};
use super::company::{Company, text};
use super::keys::offer;
use super::opening::begin;
use super::season::Today;
use super::shop::{Life, Shop};

/// Minutes of a day at which the operator works.
const MORNING: i64 = 5 * 60;

/// Makes the changes of a day; visitors of the day meet them.
pub async fn work(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    company.set_clock(today.at(MORNING));
    let mut has_changed = begin(company, shop, today).await?;
    for change in changes(today.number) {
        make(company, shop, today, change).await.with_context(|| format!("day {}", today.number))?;
        has_changed = true;
    }
    if has_changed { company.tell_visitors().await } else { Ok(()) }
}

async fn make(company: &Company, shop: &mut Shop, today: Today, change: &'static Change) -> anyhow::Result<()> {
    match *change {
        Change::Offers(login, plan, link) => offer(company, shop, today, (shop.agent(login)?, plan), link).await,
        Change::Pauses(login, number, reason) => key(company, shop, (login, number), "pause", reason).await,
        Change::Resumes(login, number, reason) => key(company, shop, (login, number), "resume", reason).await,
        Change::Revokes(login, number, reason) => key(company, shop, (login, number), "revoke", reason).await,
        Change::Suspends(login, reason) => agent(company, shop, login, ("suspend", Life::Suspended), reason).await,
        Change::Reinstates(login, reason) => agent(company, shop, login, ("reinstate", Life::Active), reason).await,
        Change::Closes(login, reason) => agent(company, shop, login, ("close", Life::Closed), reason).await,
        Change::Percent(login, percent) => terms(company, shop, login, json!({ "commission_percent": percent })).await,
        Change::Months(login, months) => {
            terms(company, shop, login, json!({ "commission": { "window": { "months": months } } })).await
        }
        Change::HoldDays(login, days) => terms(company, shop, login, json!({ "hold_days": days })).await,
        Change::Account(login, iban) => {
            let account = json!({ "holder": login.replace('-', " "), "iban": iban });
            terms(company, shop, login, json!({ "bank_account": account })).await
        }
        Change::Corrects(login, amount, reason) => {
            let body = json!({ "amount": { "amount": amount, "currency": "EUR" }, "reason": reason });
            company.post(&format!("agents/{}/corrections", shop.agent_id(login)?), &body).await.map(drop)
        }
        _ => of_offers(company, shop, change).await,
    }
}

/// Changes of plans, grants and groups.
async fn of_offers(company: &Company, shop: &mut Shop, change: &'static Change) -> anyhow::Result<()> {
    match *change {
        Change::Withdraws(login, number, reason) => {
            let (agent, plan, path) = grant(shop, login, number)?;
            let reason: String = form_urlencoded::byte_serialize(reason.as_bytes()).collect();
            company.delete(&format!("{path}?reason={reason}")).await?;
            shop.stop(true, |offer| (offer.agent, offer.plan) == (agent, plan));
        }
        Change::GrantsAgain(login, number) => {
            let (agent, plan, path) = grant(shop, login, number)?;
            company.put(&path, &json!({})).await?;
            shop.stop(false, |offer| (offer.agent, offer.plan) == (agent, plan));
        }
        Change::GrantPercent(login, number, percent) => {
            let (_, _, path) = grant(shop, login, number)?;
            company.put(&path, &json!({ "commission_percent": percent })).await?;
        }
        Change::MovesGroup(login, number, to) => {
            let body = json!({ "agent_id": shop.agent_id(to)? });
            let group_id = shop.offer(login, number)?.group_id.clone();
            company.patch(&format!("groups/{group_id}"), &body).await?;
            shop.stop(true, |offer| offer.group_id == group_id);
        }
        Change::PlanPercent(plan, percent) => {
            company.patch(&plan_path(shop, plan), &json!({ "commission_percent": percent })).await?;
        }
        Change::PlanPrice(plan, price) => {
            company.patch(&plan_path(shop, plan), &json!({ "price_text": price })).await?;
        }
        Change::Retires(plan, reason) => {
            company.post(&format!("{}/retire", plan_path(shop, plan)), &json!({ "reason": reason })).await?;
            shop.stop(true, |offer| offer.plan == plan);
        }
        Change::Wording(version, wording) => {
            let terms = json!({ "terms": { "version": version, "text": wording } });
            shop.terms_version = text(&company.put("settings", &terms).await?["terms"], "version");
        }
        _ => {}
    }
    Ok(())
}

fn plan_path(shop: &Shop, plan: usize) -> String {
    format!("call-plans/{}", shop.plans[plan])
}

/// Agent and plan of a key, and the path of the grant.
fn grant(shop: &mut Shop, login: &str, number: usize) -> anyhow::Result<(usize, usize, String)> {
    let offer = shop.offer(login, number)?;
    let (agent, plan) = (offer.agent, offer.plan);
    Ok((agent, plan, format!("agents/{}/call-plans/{}", shop.agents[agent].id, shop.plans[plan])))
}

async fn key(
    company: &Company,
    shop: &mut Shop,
    (login, number): (&str, usize),
    step: &str,
    reason: &str,
) -> anyhow::Result<()> {
    let offer = shop.offer(login, number)?;
    company.post(&format!("signup-keys/{}/{step}", offer.key), &json!({ "reason": reason })).await?;
    offer.is_stopped = step != "resume";
    Ok(())
}

async fn agent(
    company: &Company,
    shop: &mut Shop,
    login: &str,
    (step, life): (&str, Life),
    reason: &str,
) -> anyhow::Result<()> {
    let agent = shop.agent(login)?;
    company.post(&format!("agents/{}/{step}", shop.agents[agent].id), &json!({ "reason": reason })).await?;
    shop.agents[agent].life = life;
    shop.stop(life != Life::Active, |offer| offer.agent == agent);
    Ok(())
}

async fn terms(company: &Company, shop: &Shop, login: &str, body: Value) -> anyhow::Result<()> {
    company.patch(&format!("agents/{}", shop.agent_id(login)?), &body).await.map(drop)
}
