//! Events in words.

use std::collections::BTreeMap;

use event_store::log::RecordedEvent;
use serde_json::Value;
use uuid::Uuid;

use crate::ui::labels::Labels;

/// The type of an event in words: "call plan granted".
pub fn in_words(type_name: &str) -> String {
    let short = type_name.rsplit('.').nth(1).unwrap_or(type_name);
    short.replace('_', " ")
}

/// What was done, with the names of what it was done with: "call plan granted: Gold".
pub fn sentence(event: &RecordedEvent, names: &Labels) -> String {
    let what = in_words(&event.type_name);
    let others = ids_in(&event.data).into_iter().filter(|id| !event.stream.ends_with(&id.to_string()));
    let mut others: Vec<String> = others.filter_map(|id| names.known(id)).collect();
    others.dedup();
    if others.is_empty() { what } else { format!("{what}: {}", others.join(", ")) }
}

/// The ids in an event's data.
pub fn ids_in(data: &str) -> Vec<Uuid> {
    let mut members = BTreeMap::new();
    flatten("", &serde_json::from_str(data).unwrap_or_default(), &mut members);
    members.values().flat_map(|value| value.split(", ")).filter_map(|value| value.parse().ok()).collect()
}

/// The members of an event by their names; members of `terms` count as the event's own.
pub fn flatten(name: &str, value: &Value, members: &mut BTreeMap<String, String>) {
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
        // As if it were absent: what was there before is there no more.
        Value::Null => drop(members.insert(name.to_owned(), String::new())),
        other => drop(members.insert(name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_an_event_is_told_in_words_and_its_ids_are_found() {
        assert_eq!(in_words("signpost.agents.agent_changed.v1"), "agent changed");
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let data = format!(r#"{{"agent_id":"{one}","terms":{{"plans":["{other}","x"]}},"name":"Anna"}}"#);
        assert_eq!(ids_in(&data), [one, other]);
        assert!(ids_in("no JSON").is_empty());
    }
}
