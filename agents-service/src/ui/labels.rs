//! Labels for ids: to show in their place, and to choose from.

use std::collections::HashMap;

use contract::collation::sort_key;
use uuid::Uuid;
use web::http::Problem;

use crate::call_plans::snapshot::State;
use crate::state::AppState;
use crate::ui::table::Cell;
use crate::{grants, groups, names};

/// Most call plans or groups that a choice is made from; whoever has more uses the API.
pub const MAX_CHOICES: usize = 5_000;

/// Ids with names, to choose from.
pub type SelectOptions = Vec<(String, String)>;

/// The names of what is shown.
#[derive(Debug, Default)]
pub struct Labels(HashMap<Uuid, String>);

impl Labels {
    /// The names of the agents, call plans and groups with these ids; for an agent, of groups only while they are theirs.
    pub async fn get(
        app: &AppState,
        agent_id: Option<Uuid>,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self, Problem> {
        Ok(Self(names::get(app.database(), agent_id, ids).await?))
    }

    /// The name of an id; the id itself where there is none.
    pub fn of(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// The same, leading to its page.
    pub fn link(&self, folder: &str, id: Uuid) -> Cell {
        Cell::link(self.of(id), format!("{folder}/{id}"))
    }
}

/// The call plans that an agent may sell.
pub async fn granted(app: &AppState, agent_id: Uuid) -> Result<SelectOptions, Problem> {
    let found = grants::queries::list(app.database(), agent_id).await?.into_iter();
    let offered = found.filter(|grant| grant.state == State::Offered);
    Ok(by_name(offered.map(|grant| (grant.id.to_string(), grant.name))))
}

/// The groups of an agent.
pub async fn groups(app: &AppState, agent_id: Uuid) -> Result<SelectOptions, Problem> {
    let filter =
        groups::queries::Filter { agent_id: Some(agent_id), limit: MAX_CHOICES, ..groups::queries::Filter::default() };
    let found = groups::queries::list(app.database(), &filter).await?.items.into_iter();
    Ok(by_name(found.map(|group| (group.id.to_string(), group.name))))
}

fn by_name(choices: impl Iterator<Item = (String, String)>) -> SelectOptions {
    let mut choices: SelectOptions = choices.collect();
    choices.sort_by_cached_key(|(_, name)| sort_key(name));
    choices
}
