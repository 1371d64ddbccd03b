//! What the operator changes from day to day: terms, plans, keys, groups and agents.

use serde_json::{Value, json};

use super::company::Company;
use super::opening::{begin, offer};
use super::shop::{Shop, Today};

/// Minutes of a day at which the operator works.
const MORNING: i64 = 5 * 60;

/// The changes of a day; visitors of the day meet them.
pub async fn change(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    company.set_clock(today.at(MORNING));
    let begun = begin(company, shop, today.number).await?;
    let keys = of_keys(company, shop, today.number).await?;
    let agents = of_agents(company, shop, today.number).await?;
    if begun || keys || agents { company.tell_visitors().await } else { Ok(()) }
}

/// Whether anything changed, as in the other functions.
async fn of_keys(company: &Company, shop: &mut Shop, day: i64) -> anyhow::Result<bool> {
    let step = async |key: String, step: &str, reason: &str| {
        company.post(&format!("signup-keys/{key}/{step}"), &json!({ "reason": reason })).await
    };
    match day {
        8 => {
            let fair = json!({ "label": "Trade fair", "cap": 25, "note": "Only for visitors of the stand" });
            let agent = shop.agent("zoe-phones")?;
            offer(company, shop, (agent, 0), 14, fair).await?;
        }
        22 => {
            let partner = json!({ "label": "Partner shops", "commission": {
                "flat": { "amount": "2.50", "currency": "EUR" }, "window": { "payments": 3 },
            }});
            let agent = shop.agent("nunez")?;
            offer(company, shop, (agent, 1), 12, partner).await?;
        }
        40 => drop(step(shop.key("kyiv-line", 0)?, "pause", "The shop moves to another street").await?),
        47 => drop(step(shop.key("kyiv-line", 0)?, "resume", "The shop is open again").await?),
        63 => drop(step(shop.key("harbour", 1)?, "revoke", "The old website is gone").await?),
        64 => {
            let agent = shop.agent("harbour")?;
            offer(company, shop, (agent, 3), 20, json!({ "label": "New website" })).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

async fn of_agents(company: &Company, shop: &Shop, day: i64) -> anyhow::Result<bool> {
    let patch = async |login: &str, body: Value| -> anyhow::Result<()> {
        company.patch(&format!("agents/{}", shop.agent_id(login)?), &body).await.map(drop)
    };
    let state = async |login: &str, step: &str, reason: &str| -> anyhow::Result<()> {
        let to = format!("agents/{}/{step}", shop.agent_id(login)?);
        company.post(&to, &json!({ "reason": reason })).await.map(drop)
    };
    match day {
        20 => patch("kyiv-line", json!({ "commission": { "window": { "months": 6 } } })).await?,
        28 => patch("harbour", json!({ "commission_percent": "15" })).await?,
        35 => patch("sakura", json!({ "hold_days": 7 })).await?,
        42 => {
            let plan = format!("call-plans/{}", shop.plans[super::cast::BUSINESS]);
            company.patch(&plan, &json!({ "commission_percent": "18" })).await?;
        }
        49 => {
            let agent = shop.agent("thames")?;
            let plan = &shop.plans[shop.offers.iter().find(|offer| offer.agent == agent).map_or(0, |offer| offer.plan)];
            let grant = format!("agents/{}/call-plans/{plan}", shop.agents[agent].id);
            company.put(&grant, &json!({ "commission_percent": "13.5" })).await?;
        }
        55 => state("accra", "suspend", "Visitors complained about calls at night").await?,
        58 => patch("istanbul-ses", json!({ "commission_percent": "11" })).await?,
        68 => {
            let plan = format!("call-plans/{}/retire", shop.plans[super::cast::HOLIDAY_SIM]);
            company.post(&plan, &json!({ "reason": "The season is over" })).await?;
        }
        70 => state("athina", "close", "The owner retires").await?,
        // The customers of an agent who closed are somebody else's from now on.
        72 => {
            let group = shop.agents[shop.agent("athina")?].groups[0].clone();
            let body = json!({ "agent_id": shop.agent_id("harbour")? });
            company.patch(&format!("groups/{group}"), &body).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
