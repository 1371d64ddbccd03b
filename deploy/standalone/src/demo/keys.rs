//! Grants, customer groups and signup keys of an agent.

use serde_json::{Value, json};

use super::company::{Company, text};
use super::links::{Link, Terms};
use super::plans::{BUSINESS, FAMILY};
use super::season::Today;
use super::shop::{Offer, Shop};

/// What customers of a group see.
const ELEMENTS: [&str; 4] = ["call_history", "payment_history", "invoices", "support"];
/// What those of larger plans see besides.
const MORE_ELEMENTS: [&str; 4] = ["did", "speed_dial", "caller_id", "notification"];

/// Grants a plan to an agent, and adds a group and a key for it.
pub async fn offer(
    company: &Company,
    shop: &mut Shop,
    today: Today,
    (agent, plan): (usize, usize),
    link: &'static Link,
) -> anyhow::Result<()> {
    let (agent_id, call_plan_id) = (shop.agents[agent].id.clone(), shop.plans[plan].clone());
    company.put(&format!("agents/{agent_id}/call-plans/{call_plan_id}"), &json!({})).await?;
    let cast = shop.agents[agent].cast;
    let mut elements = ELEMENTS.to_vec();
    if matches!(plan, BUSINESS | FAMILY) {
        elements.extend(MORE_ELEMENTS);
    }
    let group = json!({
        "name": format!("{}: {}", cast.name, link.label), "agent_id": agent_id, "ui_elements": elements,
        "description": format!("Customers of {}", cast.city),
    });
    let group_id = text(&company.post("groups", &group).await?, "id");
    let mut body = json!({ "agent_id": agent_id, "call_plan_id": call_plan_id, "group_id": group_id });
    describe(&mut body, link, today);
    let key = text(&company.post("signup-keys", &body).await?, "key");
    let days = link.days.map(|days| days.map(|day| today.number + day));
    let weight = cast.weight * link.share;
    shop.offers.push(Offer { key, agent, plan, group_id, link, days, placed: 0, is_stopped: false, weight });
    Ok(())
}

/// Adds what a link says to the request for its key.
fn describe(body: &mut Value, link: &Link, today: Today) {
    body["label"] = link.label.into();
    if let Some(note) = link.note {
        body["note"] = note.into();
    }
    if let Some(cap) = link.cap {
        body["cap"] = cap.into();
    }
    if let Some([first, last]) = link.days {
        body["starts_at"] = today.later(first).into();
        body["ends_at"] = today.later(last).into();
    }
    match link.terms {
        Some(Terms::Percent(percent)) => body["commission_percent"] = percent.into(),
        Some(Terms::Flat(amount, payments)) => {
            let flat = json!({ "amount": amount, "currency": "EUR" });
            body["commission"] = json!({ "flat": flat, "window": { "payments": payments } });
        }
        None => {}
    }
}
