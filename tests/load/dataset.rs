//! The data set: which agent sells which plan to which group through which key. One seed means one data set, whatever
//! the order of the responses.

use anyhow::{Context, Result};
use harness::api::encoded;
use harness::names::{Rng, company, person};
use harness::operator::{agent_body, with};
use harness::{Seller, Value, json};

use crate::Order;
use crate::phase::{Outcome, run};

const LISTS: [&str; 6] = ["World", "Mobile", "Night", "Business", "Family", "Students"];
const ELEMENTS: [&str; 6] = ["password", "call_history", "invoices", "voucher", "speed_dial", "personal_info"];

/// Loads the data phase by phase; returns the number of failed requests.
pub async fn load(order: &Order) -> Result<usize> {
    let agents = run("agents", order.agents, order.connections, |number| add_agent(order, number)).await;
    let plans = run("call plans", order.plans, order.connections, |number| add_plan(order, number)).await;
    let mut failures = agents.failures + plans.failures;
    let (agents, plans) = (all(agents)?, all(plans)?);

    let granted: Vec<(usize, usize)> =
        (0..order.agents).flat_map(|agent| plans_of(order, agent).into_iter().map(move |plan| (agent, plan))).collect();
    let grants = run("grants", granted.len(), order.connections, async |number: usize| {
        let (agent, plan) = granted[number];
        order.operator.grant(&agents[agent], &plans[plan]).await
    });
    failures += grants.await.failures;

    let groups = run("groups", order.groups, order.connections, |number| add_group(order, &agents, number)).await;
    failures += groups.failures;
    let groups = all(groups)?;
    let keys = run("signup keys", order.keys, order.connections, async |number: usize| {
        let mut rng = rng(order, "key", number);
        let agent = number % agents.len();
        let plan = plans[*rng.pick(&plans_of(order, agent))].clone();
        // Group g belongs to agent g modulo the number of agents.
        let group = agent + agents.len() * rng.below((groups.len() - agent).div_ceil(agents.len()));
        let seller = Seller { agent: agents[agent].clone(), plan, group: groups[group].clone() };
        let label = json!({"label": format!("Link {number}")});
        let key = order.operator.add_key_with(&seller, label).await?;
        Ok((key.id, key.position))
    });
    let keys = keys.await;
    failures += keys.failures;
    let keys = all(keys)?;
    if let Some((key, position)) = keys.iter().max_by_key(|(_, position)| *position) {
        order.visitor.lookup_at(&encoded(key), *position).await?.expect(200)?;
    }
    let signups = run("signups", order.signups, order.connections, |number| sign_up(order, &keys, number)).await;
    Ok(failures + signups.failures)
}

/// A generator for each thing, so that the order of the requests does not matter.
fn rng(order: &Order, kind: &str, number: usize) -> Rng {
    let kind = kind.bytes().fold(order.seed, |mixed, byte| mixed.wrapping_mul(257).wrapping_add(u64::from(byte)));
    let number = u64::try_from(number).unwrap_or_default();
    Rng::new(Rng::new(kind ^ number.rotate_left(32)).roll())
}

/// One to four plans for each agent.
fn plans_of(order: &Order, agent: usize) -> Vec<usize> {
    let mut rng = rng(order, "grant", agent);
    let mut plans: Vec<usize> = (0..=rng.below(4)).map(|_| rng.below(order.plans)).collect();
    plans.sort_unstable();
    plans.dedup();
    plans
}

fn all<T>(outcome: Outcome<T>) -> Result<Vec<T>> {
    outcome.made.into_iter().collect::<Option<_>>().context("what comes next needs all of these")
}

async fn add_agent(order: &Order, number: usize) -> Result<String> {
    let mut rng = rng(order, "agent", number);
    let owner = person(&mut rng, number);
    let body = with(
        agent_body(&format!("load-{}-{number}", order.seed)),
        json!({
            "name": company(&mut rng, number),
            "commission_percent": format!("{}.{}", rng.below(30), rng.below(10)),
            "contact": {
                "company": company(&mut rng, number), "first_name": owner.first_name, "last_name": owner.last_name,
                "address": owner.address, "city": owner.city, "phone": owner.phone, "email": owner.email,
            },
        }),
    );
    let made: Value = order.operator.api.post("/agents").json(&body).expect(201).await?;
    Ok(made["id"].as_str().context("an agent has an id")?.to_owned())
}

async fn add_plan(order: &Order, number: usize) -> Result<String> {
    let mut rng = rng(order, "plan", number);
    let name = format!("{} {}", rng.pick(&LISTS), (1 + rng.below(20)) * 50);
    Ok(order.operator.add_plan(&format!("{name} ({number})")).await?.id)
}

async fn add_group(order: &Order, agents: &[String], number: usize) -> Result<String> {
    let mut rng = rng(order, "group", number);
    let elements: Vec<&str> = ELEMENTS.into_iter().filter(|_| rng.below(2) == 0).collect();
    let body = json!({
        "name": format!("{} {number}", rng.pick(&LISTS)), "description": "Loaded", "ui_elements": elements,
        "agent_id": agents[number % agents.len()],
    });
    Ok(order.operator.add_group_with(&body).await?.id)
}

async fn sign_up(order: &Order, keys: &[(String, u64)], number: usize) -> Result<()> {
    let mut rng = rng(order, "signup", number);
    let visitor = person(&mut rng, number);
    let (key, _) = rng.pick(keys);
    let body = with(
        order.visitor.body(key, &visitor),
        json!({
            "phone": visitor.phone, "address": visitor.address, "city": visitor.city,
            "campaign": {"utm_source": rng.pick(&LISTS), "sub_id": number.to_string()},
        }),
    );
    let call = order.visitor.api.post("/api/v1/signups").json(&body);
    call.idempotency_key(&format!("load-{}-{number}", order.seed)).expect(201).await.map(drop)
}
