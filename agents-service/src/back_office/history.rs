//! The history of one thing: every event with actor, time, changes and reason, read from the log.

use std::collections::{BTreeMap, HashMap};

use event_store::log::RecordedEvent;
use serde_json::Value;
use uuid::Uuid;
use web::http::Problem;

use crate::state::AppState;
use crate::ui::enum_labels::or_erased;
use crate::ui::labels::Labels;
use crate::ui::table::{Block, Cell, Table};
use crate::{agents, api_tokens, operators};

const MAX_EVENTS: usize = 200;

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

/// The history of a stream. `path` is the page where a day can be chosen, if there is one.
pub async fn block(app: &AppState, stream: &str, path: Option<&str>) -> Result<Block, Problem> {
    let events = app.log.newest_of(stream, MAX_EVENTS).await?;
    let actors = Actors::of(app, &events).await?;
    let mut described = changes(&events);
    let names = names_of(app, &described).await?;
    let rows = events.iter().map(|event| {
        let (changed, why) = described.remove(&event.version).unwrap_or_default();
        vec![
            Cell::moment(event.recorded_at),
            Cell::text(actors.name(&event.actor)),
            Cell::text(in_words(&event.type_name)),
            Cell::text(describe(&changed, &names)),
            Cell::text(why),
        ]
    });
    let columns = ["When (UTC)", "Who", "What", "Changed", "Why"];
    let table = Table::new("History", columns, rows, "Nothing happened yet.");
    let note = path.map(|_| "To see it as it was on another day, choose the day below.".to_owned());
    Ok(Block { note, ..Block::of_table(table) })
}

/// The type of an event in words: "call plan granted".
pub fn in_words(type_name: &str) -> String {
    let short = type_name.rsplit('.').nth(1).unwrap_or(type_name);
    short.replace('_', " ")
}

/// A changed member: its name, its old value and its new value.
type Change = (String, Option<String>, String);

/// What each event changed, and why; by its version.
fn changes(newest_first: &[RecordedEvent]) -> HashMap<u64, (Vec<Change>, String)> {
    let mut known = BTreeMap::<String, String>::new();
    let mut all = HashMap::new();
    for event in newest_first.iter().rev() {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        let mut members = BTreeMap::new();
        flatten("", &data, &mut members);
        let why = members.remove("reason").unwrap_or_default();
        let is_first = known.is_empty();
        let mut changed = Vec::new();
        for (name, new) in members {
            let old = known.insert(name.clone(), new.clone());
            if !is_first && old.as_ref() != Some(&new) {
                changed.push((name, old, new));
            }
        }
        all.insert(event.version, (changed, why));
    }
    all
}

/// The members of an event by their names; members of `terms` count as the event's own.
fn flatten(name: &str, value: &Value, members: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(inner) => {
            for (member, value) in inner {
                let name = if name.is_empty() || name == "terms" { member.clone() } else { format!("{name}.{member}") };
                flatten(&name, value, members);
            }
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            members.insert(name.to_owned(), items.collect::<Vec<_>>().join(", "));
        }
        Value::String(text) => drop(members.insert(name.to_owned(), text.clone())),
        Value::Null => {}
        other => drop(members.insert(name.to_owned(), other.to_string())),
    }
}

/// The names of changed values that are ids.
async fn names_of(app: &AppState, described: &HashMap<u64, (Vec<Change>, String)>) -> Result<Labels, Problem> {
    let changed = described.values().flat_map(|(changed, _)| changed);
    Labels::get(app, None, changed.filter_map(|(_, _, new)| new.parse().ok())).await
}

fn describe(changed: &[Change], names: &Labels) -> String {
    let in_words = |value: &str| value.parse().map_or_else(|_| value.to_owned(), |id: Uuid| names.of(id));
    let one = |(name, old, new): &Change| {
        let name = name.replace("_id", "").replace(['_', '.'], " ");
        match old {
            Some(old) if old.parse::<Uuid>().is_err() => format!("{name}: {} → {}", old, in_words(new)),
            _ => format!("{name}: {}", in_words(new)),
        }
    };
    changed.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use contract::clock::Moment;

    use super::*;

    fn event(version: u64, data: &str) -> RecordedEvent {
        RecordedEvent {
            position: version,
            event_id: Uuid::nil(),
            stream: "agent-1".to_owned(),
            version,
            type_name: "signpost.agents.agent_changed.v1".to_owned(),
            subject: String::new(),
            data: data.to_owned(),
            recorded_at: Moment::default(),
            actor: "system".to_owned(),
            cause: None,
            command: None,
            hash: event_store::log::LogPoint::START.hash,
        }
    }

    #[test]
    fn an_event_is_described_by_what_differs_from_before() {
        let events = [
            event(2, r#"{"agent_id":"x","terms":{"name":"B","permissions":["sales","groups"]},"reason":"moved"}"#),
            event(1, r#"{"agent_id":"x","terms":{"name":"A","permissions":["sales"]}}"#),
        ];
        let all = changes(&events);
        let (changed, why) = &all[&2];
        assert_eq!(describe(changed, &Labels::default()), "name: A → B; permissions: sales → sales, groups");
        assert_eq!(why, "moved");
        assert!(all[&1].0.is_empty());
        assert_eq!(in_words("signpost.agents.agent_changed.v1"), "agent changed");
    }
}
