//! The contract: every event that leaves a service, its type name, its subject and its JSON Schema.
//! Released versions never change; a new meaning is a new version. Knows nothing of logs, buses or HTTP.

pub mod agents;
mod notes;
pub mod payments;
pub mod remittances;
pub mod signup_keys;
pub mod signups;
pub mod statements;
pub mod webhooks;

use schemars::Schema;
use uuid::Uuid;

use crate::note::Note;

/// One released type of event.
#[derive(Clone, Debug)]
pub struct EventType {
    /// The CloudEvents type, such as `signpost.agents.agent_created.v1`.
    pub name: &'static str,
    /// The entity in the subject: `agent`.
    pub entity: &'static str,
    /// The verb in the subject: `created`.
    pub verb: &'static str,
    /// JSON Schema (2020-12) of the data.
    pub schema: fn() -> Schema,
}

/// Data that does not fit its type.
#[derive(Debug, thiserror::Error)]
#[error("data does not fit the type {type_name}")]
pub struct DecodeError {
    type_name: String,
    #[source]
    source: serde_json::Error,
}

/// A service's set of events: named, written and read by their types.
pub trait Contract: Sized {
    /// The first token of every subject, such as `agents.v1`.
    const SUBJECT_ROOT: &'static str;

    /// All released types.
    fn types() -> Vec<EventType>;

    /// The type of this event.
    fn event_type(&self) -> EventType;

    /// The data as JSON.
    fn data(&self) -> Result<String, serde_json::Error>;

    /// The last token of the subject: whom it concerns.
    fn subject_id(&self) -> String;

    /// Its note, if its type has any, behind the id of what the note is about: by that it is erased.
    fn note(&self) -> Option<(Uuid, &Note)> {
        None
    }

    /// Its note, to be completed by the text that is kept beside the log.
    fn note_mut(&mut self) -> Option<&mut Note> {
        None
    }

    /// Reads data of a named type; `None` when the type is not known here.
    fn read(type_name: &str, data: &str) -> Result<Option<Self>, DecodeError>;

    /// The subject it is published under.
    fn subject(&self) -> String {
        let event_type = self.event_type();
        format!("{}.{}.{}.{}", Self::SUBJECT_ROOT, event_type.entity, event_type.verb, self.subject_id())
    }
}

/// The data of one type of event.
pub trait EventData {
    /// The CloudEvents type.
    const TYPE_NAME: &'static str;
}

/// The events that a reader of a log uses: a whole contract, or the part of one that [`used_events!`](crate::used_events) declares.
pub trait EventSet: Sized {
    /// The first token of every subject, such as `agents.v1`.
    const ROOT: &'static str;

    /// Reads data of a named type; `None` when the reader does not use the type.
    fn read_used(type_name: &str, data: &str) -> Result<Option<Self>, DecodeError>;

    /// Whether the contract has the type and the reader leaves it out.
    fn leaves_out(type_name: &str) -> bool;
}

impl<C: Contract> EventSet for C {
    const ROOT: &'static str = C::SUBJECT_ROOT;

    fn read_used(type_name: &str, data: &str) -> Result<Option<Self>, DecodeError> {
        C::read(type_name, data)
    }

    fn leaves_out(_: &str) -> bool {
        false
    }
}

/// The name under which a type's schema is known: `ce-dataschema`.
pub fn schema_name(type_name: &str) -> String {
    format!("urn:signpost:schema:{type_name}")
}

/// Reads the data of one type.
pub fn read_data<T: serde::de::DeserializeOwned>(type_name: &str, data: &str) -> Result<T, DecodeError> {
    serde_json::from_str(data).map_err(|source| DecodeError { type_name: type_name.to_owned(), source })
}

/// Declares a contract: one line for each event gives its struct, type name, entity and verb.
macro_rules! contract {
    ($(#[$meta:meta])* $name:ident, root $root:literal, $($event:ident = $type_name:literal $entity:literal $verb:literal;)+) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "events are read one at a time, never kept in bulk")]
        pub enum $name { $(
            #[doc = concat!("`", $type_name, "`")]
            $event($event),
        )+ }

        impl $crate::events::Contract for $name {
            const SUBJECT_ROOT: &'static str = $root;

            fn types() -> Vec<$crate::events::EventType> {
                vec![$($crate::events::EventType {
                    name: $type_name, entity: $entity, verb: $verb, schema: || schemars::schema_for!($event),
                }),+]
            }

            fn event_type(&self) -> $crate::events::EventType {
                match self { $(Self::$event(_) => $crate::events::EventType {
                    name: $type_name, entity: $entity, verb: $verb, schema: || schemars::schema_for!($event),
                },)+ }
            }

            fn data(&self) -> Result<String, serde_json::Error> {
                match self { $(Self::$event(event) => serde_json::to_string(event),)+ }
            }

            fn subject_id(&self) -> String {
                match self { $(Self::$event(event) => event.subject_id(),)+ }
            }

            fn note(&self) -> Option<(uuid::Uuid, &$crate::note::Note)> {
                self.own_note()
            }

            fn note_mut(&mut self) -> Option<&mut $crate::note::Note> {
                self.own_note_mut()
            }

            fn read(type_name: &str, data: &str) -> Result<Option<Self>, $crate::events::DecodeError> {
                match type_name {
                    $($type_name => $crate::events::read_data(type_name, data).map(|event| Some(Self::$event(event))),)+
                    _ => Ok(None),
                }
            }
        }

        $(impl From<$event> for $name {
            fn from(event: $event) -> Self { Self::$event(event) }
        }

        impl $crate::events::EventData for $event {
            const TYPE_NAME: &'static str = $type_name;
        })+
    };
}
pub(crate) use contract;

/// Declares which events of a contract a reader uses. Events of other types, also those released later, are skipped
/// without decoding, so that they break neither the reader's build nor its work.
#[macro_export]
macro_rules! used_events {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident of $contract:ty { $($event:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "events are read one at a time, never kept in bulk")]
        $visibility enum $name { $(
            #[doc = concat!("`", stringify!($event), "`")]
            $event($event),
        )+ }

        impl $crate::events::EventSet for $name {
            const ROOT: &'static str = <$contract as $crate::events::Contract>::SUBJECT_ROOT;

            fn read_used(type_name: &str, data: &str) -> Result<Option<Self>, $crate::events::DecodeError> {
                match type_name {
                    $(<$event as $crate::events::EventData>::TYPE_NAME => {
                        $crate::events::read_data(type_name, data).map(|event| Some(Self::$event(event)))
                    })+
                    _ => Ok(None),
                }
            }

            fn leaves_out(type_name: &str) -> bool {
                <$contract as $crate::events::Contract>::types().iter().any(|known| known.name == type_name)
            }
        }
    };
}

/// Declares the structs of events.
macro_rules! events {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })+) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[expect(missing_docs, reason = "ids say what they are; the rest is documented at the type")]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* }
    )+ };
}
pub(crate) use events;

/// Says for each event which of its fields names whom it concerns.
macro_rules! subject_ids {
    ($($event:ident: $field:ident;)+) => { $(impl $event {
        fn subject_id(&self) -> String { self.$field.to_string() }
    })+ };
}
pub(crate) use subject_ids;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::agents::{AgentClosed, AgentSuspended, AgentsEvent};
    use super::{Contract, EventSet};
    use crate::note::Note;

    used_events! {
        /// Less than there is.
        enum Closed of AgentsEvent { AgentClosed }
    }

    #[test]
    fn unused_event_types_are_skipped_without_decoding() {
        let closed = AgentClosed { agent_id: Uuid::nil(), reason: Note::Absent };
        let event = AgentsEvent::from(closed.clone());
        let name = event.event_type().name;
        assert_eq!(Closed::read_used(name, &event.data().unwrap()).unwrap(), Some(Closed::AgentClosed(closed)));
        assert!(Closed::read_used(name, "{}").is_err());
        let unused =
            AgentsEvent::from(AgentSuspended { agent_id: Uuid::nil(), reason: Note::Absent }).event_type().name;
        assert_eq!(Closed::read_used(unused, "{}").unwrap(), None);
        assert!(Closed::leaves_out(unused) && !Closed::leaves_out("signpost.agents.agent_promoted.v1"));
    }
}
