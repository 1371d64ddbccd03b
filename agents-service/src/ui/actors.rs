//! Who did something, by name.

use std::collections::HashMap;

use event_store::log::RecordedEvent;
use uuid::Uuid;
use web::http::Problem;

use crate::state::AppState;
use crate::ui::enum_labels::or_erased;
use crate::{agents, api_tokens, operators};

/// The names of actors.
pub struct Actors(HashMap<String, String>);

impl Actors {
    /// The actors of these events.
    pub async fn of(app: &AppState, events: &[RecordedEvent]) -> Result<Self, Problem> {
        let actors: Vec<_> = events.iter().map(|event| event.actor.as_str()).collect();
        Self::named(app, &actors).await
    }

    /// The names of these actors.
    pub async fn named(app: &AppState, actors: &[&str]) -> Result<Self, Problem> {
        let mut known = HashMap::new();
        for &name in actors {
            if !known.contains_key(name) {
                known.insert(name.to_owned(), actor(app, name).await?);
            }
        }
        Ok(Self(known))
    }

    pub fn name<'a>(&'a self, actor: &'a str) -> &'a str {
        self.0.get(actor).map_or(actor, String::as_str)
    }
}

async fn actor(app: &AppState, actor: &str) -> Result<String, Problem> {
    let (kind, id) = actor.split_once(':').unwrap_or((actor, ""));
    let database = app.database();
    let name = match (kind, id.parse::<Uuid>()) {
        ("operator", Ok(id)) => operators::accounts::operator_login(database, id).await?.map(or_erased),
        ("agent", Ok(id)) => {
            agents::accounts::details(database, id).await?.map(|details| format!("agent {}", or_erased(details.login)))
        }
        ("token", Ok(id)) => {
            api_tokens::queries::get(database, id).await?.map(|token| format!("API token {}", token.name))
        }
        _ => None,
    };
    Ok(name.unwrap_or_else(|| actor.to_owned()))
}
