//! Free text that a person or program gives with an event: a reason, a bank reference. It may be personal, so it is kept
//! beside the log, where it can be erased; the event itself says only that there is one.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text of an event's note, as far as it is known here. In the event it is `true` or `false`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Note {
    /// Nothing was said.
    #[default]
    Absent,
    /// There was a text; it is not here, or was erased.
    Kept,
    /// The text itself.
    Text(String),
}

impl Note {
    /// The text, where it is known.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Kept => None,
        }
    }
}

impl From<Option<String>> for Note {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }
}

impl From<String> for Note {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self != Self::Absent)
    }
}

impl<'de> Deserialize<'de> for Note {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(if bool::deserialize(deserializer)? { Self::Kept } else { Self::Absent })
    }
}

impl JsonSchema for Note {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Note".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "boolean",
            "description": "Whether there is such a text. It may be personal, so it is kept outside the log.",
        })
    }
}

/// Says which events of a contract have a note, in which field, and which other field says what it is about.
macro_rules! notes {
    ($contract:ident { $($event:ident: $note:ident about $about:ident;)+ }) => {
        impl $contract {
            /// The types of events with a note.
            pub const NOTED: &[&str] = &[$(<$event as $crate::events::EventData>::TYPE_NAME),+];

            pub(crate) fn own_note(&self) -> Option<(uuid::Uuid, &$crate::note::Note)> {
                match self {
                    $(Self::$event(event) => Some((event.$about, &event.$note)),)+
                    _ => None,
                }
            }

            pub(crate) fn own_note_mut(&mut self) -> Option<&mut $crate::note::Note> {
                match self {
                    $(Self::$event(event) => Some(&mut event.$note),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use notes;

#[cfg(test)]
mod tests {
    use super::Note;
    use crate::events::Contract;
    use crate::events::agents::{AgentSuspended, AgentsEvent};
    use crate::events::signups::SignupsEvent;

    #[test]
    fn an_event_says_only_that_there_is_a_note() {
        let suspended = |reason: Note| AgentSuspended { agent_id: uuid::Uuid::nil(), reason };
        let event = AgentsEvent::from(suspended("Ms Smith complained".to_owned().into()));
        assert_eq!(event.note().unwrap().1.text(), Some("Ms Smith complained"));
        let data = event.data().unwrap();
        assert_eq!(data, r#"{"agent_id":"00000000-0000-0000-0000-000000000000","has_reason":true}"#);
        let read = AgentsEvent::read(event.event_type().name, &data).unwrap().unwrap();
        assert_eq!(read, suspended(Note::Kept).into());
        assert!(AgentsEvent::from(suspended(Note::Absent)).data().unwrap().contains(r#""has_reason":false"#));
    }

    #[test]
    fn every_type_with_a_note_is_declared() {
        fn with_a_note<E: Contract>() -> Vec<&'static str> {
            let has = |schema: schemars::Schema| {
                let members = schema.as_value()["properties"].as_object().cloned().unwrap_or_default();
                members.iter().any(|(name, member)| name.starts_with("has_") && member["type"] == "boolean")
            };
            E::types().into_iter().filter(|known| has((known.schema)())).map(|known| known.name).collect()
        }
        assert_eq!(with_a_note::<AgentsEvent>(), AgentsEvent::NOTED);
        assert_eq!(with_a_note::<SignupsEvent>(), SignupsEvent::NOTED);
    }
}
