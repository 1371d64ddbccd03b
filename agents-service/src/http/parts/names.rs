//! Names for ids: to choose from, and to show in their place.

use shared::http::Problem;
use uuid::Uuid;

use crate::http::Office;
use crate::http::pages::table::Cell;
use crate::views::{agents, call_plans, grants, groups};

/// Most items that a choice is made from; whoever has more uses the API.
pub const MAX_CHOICES: usize = 500;

/// Ids with names.
pub type Names = Vec<(String, String)>;

/// Agents by name, but for the closed.
pub async fn agents(office: &Office) -> Result<Names, Problem> {
    let filter = agents::Filter { sort: agents::Sort::Name, limit: MAX_CHOICES, ..agents::Filter::default() };
    let found = agents::list(office.database(), &filter).await?.items.into_iter();
    let living = found.filter(|item| item.agent.state != agents::State::Closed);
    // The isolates keep a name that is written from right to left from turning what follows it.
    let named = |item: &agents::Item| format!("\u{2068}{}\u{2069} ({})", item.agent.name, item.login);
    Ok(living.map(|item| (item.agent.id.to_string(), named(&item))).collect())
}

/// Call plans, the retired too.
pub async fn call_plans(office: &Office) -> Result<Names, Problem> {
    let filter = call_plans::Filter { limit: MAX_CHOICES, ..call_plans::Filter::default() };
    let found = call_plans::list(office.database(), &filter).await?.items.into_iter();
    Ok(found.map(|plan| (plan.id.to_string(), plan.name)).collect())
}

/// The call plans that an agent may sell.
pub async fn granted(office: &Office, agent_id: Uuid) -> Result<Names, Problem> {
    let found = grants::list(office.database(), agent_id).await?.into_iter();
    let offered = found.filter(|grant| grant.state == call_plans::State::Offered);
    Ok(offered.map(|grant| (grant.id.to_string(), grant.name)).collect())
}

/// The groups of an agent, or all.
pub async fn groups(office: &Office, agent_id: Option<Uuid>) -> Result<Names, Problem> {
    let filter = groups::Filter { agent_id, limit: MAX_CHOICES, ..groups::Filter::default() };
    let found = groups::list(office.database(), &filter).await?.items.into_iter();
    Ok(found.map(|group| (group.id.to_string(), group.name)).collect())
}

/// The name of an id; the id itself where there are too many names to know them all.
pub fn of(id: Uuid, names: &Names) -> String {
    let id = id.to_string();
    names.iter().find(|(known, _)| *known == id).map_or_else(|| id.clone(), |(_, name)| name.clone())
}

/// The same, leading to its page.
pub fn link(folder: &str, id: Uuid, names: &Names) -> Cell {
    Cell::link(of(id, names), format!("{folder}/{id}"))
}
