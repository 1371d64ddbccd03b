//! The history of one thing: every event with actor, time, changes and reason, read from the log.

use std::collections::{BTreeMap, HashMap};

use event_store::log::RecordedEvent;
use serde_json::Value;
use uuid::Uuid;
use web::http::Problem;

use crate::state::AppState;
use crate::ui::actors::Actors;
use crate::ui::enum_labels::or_erased;
use crate::ui::labels::Labels;
use crate::ui::sentences::{flatten, in_words};
use crate::ui::table::{Block, Cell, Table};

const MAX_EVENTS: usize = 200;
/// The members of events that say that there is a note.
const NOTES: [&str; 3] = ["has_reason", "has_bank_reference", "has_note"];

/// The history of a stream. `path` is the page where a day can be chosen, if there is one.
pub async fn block(app: &AppState, stream: &str, path: Option<&str>) -> Result<Block, Problem> {
    let note = path.map(|_| "To see it as it was on another day, choose the day below.".to_owned());
    Ok(Block { note, ..Block::of_table(table(app, stream, true).await?) })
}

/// The history of a stream whose events are told of elsewhere on the page: who did what, and why.
pub async fn brief(app: &AppState, stream: &str) -> Result<Block, Problem> {
    Ok(Block::of_table(table(app, stream, false).await?))
}

async fn table(app: &AppState, stream: &str, shows_changes: bool) -> Result<Table, Problem> {
    let events = app.log.newest_of(stream, MAX_EVENTS).await?;
    let actors = Actors::of(app, &events).await?;
    let notes = Notes::of(app, &events).await?;
    let mut described = changes(&events);
    let names = if shows_changes { names_of(app, &described).await? } else { Labels::default() };
    let rows = events.iter().map(|event| {
        let (changed, has_note) = described.remove(&event.version).unwrap_or_default();
        let mut row = vec![
            Cell::moment(event.recorded_at),
            Cell::text(actors.name(&event.actor)),
            Cell::text(in_words(&event.type_name)),
        ];
        row.extend(shows_changes.then(|| Cell::text(describe(&changed, &names))));
        row.push(Cell::text(if has_note { notes.text(event) } else { String::new() }));
        row
    });
    let mut columns = vec!["When", "Who", "What"];
    columns.extend(shows_changes.then_some("Changed"));
    columns.push("Why");
    Ok(Table::new("History", columns, rows, "Nothing happened yet."))
}

/// The notes of events, by position.
pub struct Notes(HashMap<u64, String>);

impl Notes {
    pub async fn of(app: &AppState, events: &[RecordedEvent]) -> Result<Self, Problem> {
        Ok(Self(app.log.notes(events.iter().map(|event| event.position)).await?))
    }

    /// The note of an event; empty where it has none.
    pub fn text(&self, event: &RecordedEvent) -> String {
        or_erased(self.0.get(&event.position).cloned().unwrap_or_default())
    }
}

/// A changed member: its name, its old value and its new value.
type Change = (String, Option<String>, String);

/// What each event changed, and whether it has a note; by its version.
fn changes(newest_first: &[RecordedEvent]) -> HashMap<u64, (Vec<Change>, bool)> {
    let mut known = BTreeMap::<String, String>::new();
    let mut all = HashMap::new();
    for event in newest_first.iter().rev() {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        let mut members = BTreeMap::new();
        flatten("", &data, &mut members);
        let has_note = NOTES.iter().filter_map(|name| members.remove(*name)).any(|given| given == "true");
        let is_first = known.is_empty();
        let mut changed = Vec::new();
        for (name, new) in members {
            let old = known.insert(name.clone(), new.clone()).unwrap_or_default();
            if !is_first && old != new {
                changed.push((name, Some(old).filter(|old| !old.is_empty()), new));
            }
        }
        all.insert(event.version, (changed, has_note));
    }
    all
}

/// The names of changed values that are ids.
async fn names_of(app: &AppState, described: &HashMap<u64, (Vec<Change>, bool)>) -> Result<Labels, Problem> {
    let changed = described.values().flat_map(|(changed, _)| changed);
    Labels::get(app, None, changed.filter_map(|(_, _, new)| new.parse().ok())).await
}

fn describe(changed: &[Change], names: &Labels) -> String {
    let in_words = |value: &str| match value {
        "" => "none".to_owned(),
        value => value.parse().map_or_else(|_| value.to_owned(), |id: Uuid| names.of(id)),
    };
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
            event(2, r#"{"agent_id":"x","terms":{"name":"B","permissions":["sales","groups"]},"has_reason":true}"#),
            event(1, r#"{"agent_id":"x","terms":{"name":"A","permissions":["sales"]}}"#),
        ];
        let all = changes(&events);
        let (changed, has_note) = &all[&2];
        assert_eq!(describe(changed, &Labels::default()), "name: A → B; permissions: sales → sales, groups");
        assert!(has_note);
        assert!(all[&1].0.is_empty());
        let events = [
            event(3, r#"{"cap":7,"ends_at":null,"label":""}"#),
            event(2, r#"{"cap":null,"ends_at":null,"label":"Leaflet"}"#),
            event(1, r#"{"cap":null,"ends_at":"2027-01-01T00:00:00Z"}"#),
        ];
        let all = changes(&events);
        let described = |version| describe(&all[&version].0, &Labels::default());
        assert_eq!(described(2), "ends at: 2027-01-01T00:00:00Z → none; label: Leaflet");
        assert_eq!(described(3), "cap: 7; label: Leaflet → none");
    }
}
