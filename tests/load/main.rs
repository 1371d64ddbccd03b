//! Loads a seeded data set through the API of a running pair: agents, call plans, groups, signup keys, signups.
//! Prints count, duration and rate of each phase, and fails if a request failed.

mod dataset;
mod phase;

use anyhow::{Result, ensure};
use harness::api::{Api, client};
use harness::{Operator, Visitor};

const USAGE: &str = "usage: load --agents-url URL --signup-url URL --token TOKEN
            [--agents 500] [--plans 40] [--groups 1500] [--keys 5000] [--signups 20000] [--seed 1] [--connections 64]";

/// What is loaded, where, and how hard.
pub struct Order {
    pub operator: Operator,
    pub visitor: Visitor,
    pub agents: usize,
    pub plans: usize,
    pub groups: usize,
    pub keys: usize,
    pub signups: usize,
    pub seed: u64,
    pub connections: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let order = order(std::env::args().skip(1)).await?;
    let failures = dataset::load(&order).await?;
    ensure!(failures == 0, "{failures} requests failed");
    Ok(())
}

async fn order(mut arguments: impl Iterator<Item = String>) -> Result<Order> {
    let mut counts = [500, 40, 1_500, 5_000, 20_000, 1, 64];
    let names = ["--agents", "--plans", "--groups", "--keys", "--signups", "--seed", "--connections"];
    let mut texts = [String::new(), String::new(), String::new()];
    let text_names = ["--agents-url", "--signup-url", "--token"];
    while let Some(name) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        if let Some(at) = names.iter().position(|known| *known == name) {
            counts[at] = value.parse()?;
        } else if let Some(at) = text_names.iter().position(|known| *known == name) {
            value.trim_end_matches('/').clone_into(&mut texts[at]);
        } else {
            anyhow::bail!("unknown option {name}\n{USAGE}");
        }
    }
    ensure!(texts.iter().all(|text| !text.is_empty()), "{USAGE}");
    let [agents_url, signup_url, token] = texts;
    let operator = Operator::new(Api::new(client()?, &format!("{agents_url}/api/v1"), Some(&token)));
    let settings = operator.settings().await?;
    let terms = settings["terms"]["version"].as_str().unwrap_or_default();
    let visitor = Visitor::new(Api::new(client()?, &signup_url, None), terms);
    let [agents, plans, groups, keys, signups, seed, connections] = counts;
    ensure!(agents > 0 && plans > 0 && groups >= agents && connections > 0, "every agent needs a plan and a group");
    let seed = u64::try_from(seed)?;
    Ok(Order { operator, visitor, agents, plans, groups, keys, signups, seed, connections })
}
