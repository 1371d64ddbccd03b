use std::collections::HashMap;

use contract::collation::sort_key;
use uuid::Uuid;
use web::http::Problem;

use crate::call_plans::snapshot::State;
use crate::state::AppState;
use crate::ui::table::Cell;
use crate::{grants, groups, names};

/// Most call plans or groups in a choice; agents with more use the API.
pub const MAX_CHOICES: usize = 5_000;

/// Ids with names, as choices.
pub type SelectOptions = Vec<(String, String)>;

/// The names of ids.
#[derive(Debug, Default)]
pub struct Labels(HashMap<Uuid, String>);

impl Labels {
    /// The names of the agents, call plans and groups with these ids; for an agent, only of their own groups.
    pub async fn get(
        app: &AppState,
        agent_id: Option<Uuid>,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self, Problem> {
        Ok(Self(names::get(app.database(), agent_id, ids).await?))
    }

    /// The name of an id, where it has one.
    pub fn known(&self, id: Uuid) -> Option<String> {
        self.0.get(&id).cloned()
    }

    /// The name of an id; without one, the id itself.
    pub fn of(&self, id: Uuid) -> String {
        self.known(id).unwrap_or_else(|| id.to_string())
    }

    /// The name as a link to the page.
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
