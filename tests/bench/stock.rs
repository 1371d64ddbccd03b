//! Preparation of a row: a pair on the right cores, and usable signup keys.

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt};
use harness::{Pair, Seller, Setup, json};

use crate::cores::Apart;
use crate::order::Order;
use crate::serving::seasoned;

/// Sellers who share the keys.
const SELLERS: usize = 10;
/// Requests in flight while keys are added.
const AT_ONCE: usize = 64;
/// Keys between two reports of progress.
const PROGRESS: usize = 5_000;

/// Usable keys.
pub struct Stock {
    pub keys: Vec<String>,
    pub sellers: Vec<Seller>,
    /// The terms version that signups must consent to.
    pub terms_version: String,
}

/// Starts a pair on private servers; with separated cores, all its processes and servers on the servers' core.
pub async fn start(setup: Setup, order: &Order, apart: Option<&Apart>) -> Result<Pair> {
    if let Some(apart) = apart {
        apart.starts_servers()?;
    }
    let pair = Pair::start(setup.own_postgres()).await;
    if let Some(apart) = apart {
        apart.is_free()?;
    }
    let pair = pair?;
    seasoned(pair.postgres()?, order).await?;
    Ok(pair)
}

/// Adds so many keys through the API and waits until the signup-service knows them all.
pub async fn fill(pair: &Pair, count: usize) -> Result<Stock> {
    ensure!(count > 0, "there must be a key");
    let operator = pair.agents(0);
    let mut sellers = Vec::with_capacity(SELLERS);
    for number in 0..SELLERS {
        let agent = operator.add_agent_with(json!({"name": format!("Harbour Telecom {number}")})).await?.id;
        let plan = operator.add_plan(&format!("City flat {number}")).await?.id;
        operator.grant(&agent, &plan).await?;
        let group = operator.add_group(&format!("Harbour VoIP {number}"), &agent).await?.id;
        sellers.push(Seller { agent, plan, group });
    }
    let adding = futures::stream::iter(0..count).map(|number| {
        let (operator, seller) = (operator.clone(), &sellers[number % SELLERS]);
        async move {
            if number > 0 && number.is_multiple_of(PROGRESS) {
                eprintln!("  {number} of {count} keys added");
            }
            operator.add_key(seller).await
        }
    });
    let made: Vec<_> = adding.buffer_unordered(AT_ONCE).try_collect().await?;
    let last = made.iter().max_by_key(|made| made.position).context("there is a key")?;
    pair.signup(0).lookup_at(&last.id, last.position).await?.expect(200)?;
    let keys = made.into_iter().map(|made| made.id).collect();
    let settings = operator.settings().await?;
    let terms_version = settings["terms"]["version"].as_str().unwrap_or_default().to_owned();
    Ok(Stock { keys, sellers, terms_version })
}
