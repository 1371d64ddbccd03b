//! How the company and its agents begin.

use contract::clock::Day;
use contract::ids::random_crockford;
use serde_json::{Value, json};

use super::cast::{AGENTS, Cast, HOLIDAY_SIM, PLANS};
use super::company::Company;
use super::money::{converted, decimal};
use super::shop::{Agent, Counts, Offer, Shop, Today};

/// Crockford digits of an agent's password: 100 bits.
const PASSWORD_LENGTH: usize = 20;
/// What must be earned before a payout may be requested, in hundredths of a euro.
const THRESHOLD: i64 = 4_000;
/// Minutes of the first day at which everything is set up.
const MORNING: i64 = 4 * 60;

/// The company's settings and call plans, on the first day.
pub async fn open(company: &Company, first: Day) -> anyhow::Result<Shop> {
    company.set_clock(Today { number: 0, day: first }.at(MORNING));
    let settings = json!({
        "time_zone": "Europe/Berlin", "hold_days": 14, "branding": { "name": "Example Telecom" },
        "payout_account": { "holder": "Example Telecom", "iban": "DE02120300000000202051" },
        "signup_fields": {
            "last_name": "shown", "phone": "shown", "city": "shown", "country": "required", "language": "shown",
            "company": "hidden", "address": "hidden", "state": "hidden", "postal_code": "hidden", "time_zone": "hidden",
            "currency": "hidden", "vat_number": "hidden",
        },
    });
    let settings = company.put("settings", &settings).await?;
    let mut plans = Vec::new();
    for plan in &PLANS {
        let body = json!({ "name": plan.name, "description": plan.description, "price_text": plan.price_text });
        plans.push(text(&company.post("call-plans", &body).await?, "id"));
    }
    Ok(Shop {
        terms_version: text(&settings["terms"], "version"),
        plans,
        agents: Vec::new(),
        offers: Vec::new(),
        customers: Vec::new(),
        paid: Vec::new(),
        remittances: std::collections::BTreeMap::new(),
        visitors: 0,
        counts: Counts::default(),
    })
}

/// The agents of a day.
pub async fn begin(company: &Company, shop: &mut Shop, number: i64) -> anyhow::Result<bool> {
    let beginning: Vec<_> = AGENTS.iter().filter(|cast| cast.from == number).collect();
    for cast in &beginning {
        let agent = create(company, cast).await?;
        shop.agents.push(agent);
        let agent = shop.agents.len() - 1;
        let first = agent % 3;
        offer(company, shop, (agent, first), cast.weight * 2, json!({ "label": "Shop" })).await?;
        offer(company, shop, (agent, first + 1), cast.weight, json!({ "label": "Website" })).await?;
        if agent == 0 || agent == 4 {
            let own = json!({ "label": "Airport", "commission_percent": "20" });
            offer(company, shop, (agent, HOLIDAY_SIM), cast.weight / 2, own).await?;
        }
    }
    Ok(!beginning.is_empty())
}

async fn create(company: &Company, cast: &'static Cast) -> anyhow::Result<Agent> {
    let password = random_crockford(PASSWORD_LENGTH)?;
    let threshold =
        json!({ "amount": decimal(converted(THRESHOLD, cast.currency), cast.currency), "currency": cast.currency });
    let mut body = json!({
        "login": cast.login, "password": password, "name": cast.name, "currency": cast.currency, "language": cast.language,
        "commission_percent": cast.commission_percent, "vat_percent": cast.vat_percent,
        "remittance_thresholds": [threshold],
        "permissions": ["customers", "signup_urls", "groups", "sales", "commission", "remittance", "call_plans", "support"],
        "contact": {
            "company": cast.name, "city": cast.city, "country": cast.country, "email": format!("{}@example.com", cast.login),
        },
    });
    if let Some(iban) = cast.iban {
        body["bank_account"] = json!({ "holder": cast.login.replace('-', " "), "iban": iban });
    }
    let terms = match cast.login {
        // A fixed amount for each payment, of the first year only.
        "lee-telecom" => json!({ "flat": { "amount": "3.00", "currency": "EUR" }, "window": { "months": 12 } }),
        // A fixed amount for each signup.
        "alnoor" => json!({ "flat": { "amount": "7.50", "currency": "EUR" }, "per": "signup" }),
        // The first two payments only.
        "obrien" => json!({ "window": { "payments": 2 } }),
        "istanbul-ses" => json!({ "rate_at": "payment", "base": "gross" }),
        _ => Value::Null,
    };
    if !terms.is_null() {
        body["commission"] = terms;
    }
    let made = company.post("agents", &body).await?;
    Ok(Agent { cast, id: text(&made, "id"), password, groups: Vec::new() })
}

/// Grants a plan to an agent, and adds a group and a key for it.
pub async fn offer(
    company: &Company,
    shop: &mut Shop,
    (agent, plan): (usize, usize),
    weight: i64,
    key: Value,
) -> anyhow::Result<()> {
    let (agent_id, call_plan_id) = (shop.agents[agent].id.clone(), shop.plans[plan].clone());
    company.put(&format!("agents/{agent_id}/call-plans/{call_plan_id}"), &json!({})).await?;
    let label = key["label"].as_str().unwrap_or_default();
    let group = json!({
        "name": format!("{}: {label}", shop.agents[agent].cast.name), "agent_id": agent_id,
        "ui_elements": ["call_history", "payment_history", "invoices", "support"],
    });
    let group_id = text(&company.post("groups", &group).await?, "id");
    let is_capped = !key["cap"].is_null();
    let mut body = json!({ "agent_id": agent_id, "call_plan_id": call_plan_id, "group_id": group_id });
    if let (Some(body), Value::Object(key)) = (body.as_object_mut(), key) {
        body.extend(key);
    }
    let key = text(&company.post("signup-keys", &body).await?, "key");
    shop.agents[agent].groups.push(group_id);
    shop.offers.push(Offer { key, agent, plan, weight, is_capped });
    Ok(())
}

pub fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}
