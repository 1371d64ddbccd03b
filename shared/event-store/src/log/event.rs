//! An event before and after it is appended, its envelope (CloudEvents 1.0) and its hash.

use std::borrow::Cow;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::hash::EventHash;
use contract::clock::Moment;
use contract::events::{Contract, schema_name};
use contract::ids::{from_hex, hex};
use contract::selection::Concerned;

/// The identity of a log, as the envelopes of its events state it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The service's name, such as `agents`; the stream of the bus has the same in capitals.
    pub service: &'static str,
    /// The id that the log got when it was created.
    pub log_id: Uuid,
}

impl Identity {
    /// `ce-source`.
    pub fn source(&self) -> String {
        format!("urn:signpost:{}", self.service)
    }

    /// The name of the stream that the log is published to.
    pub fn stream_name(&self) -> String {
        self.service.to_uppercase()
    }
}

/// An event that is about to be appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The stream it belongs to, such as `agent-<id>`.
    pub stream: String,
    pub(super) starts_stream: bool,
    pub(super) type_name: &'static str,
    pub(super) subject: String,
    pub(super) data: String,
    /// Its note, behind the id of what the note is about.
    pub(super) note: Option<(Uuid, String)>,
}

impl NewEvent {
    /// An event of a contract, so that its data fits its schema by construction.
    pub fn of<E: Contract>(stream: impl Into<String>, event: &E) -> Result<Self, serde_json::Error> {
        Ok(Self {
            stream: stream.into(),
            starts_stream: false,
            type_name: event.event_type().name,
            subject: event.subject(),
            data: event.data()?,
            note: event.note().and_then(|(about, note)| Some((about, note.text()?.to_owned()))),
        })
    }

    /// The first event of a stream with a new, unique name, so that the log need not read the stream's version. If
    /// the stream exists after all, the append is refused.
    #[must_use]
    pub fn starting_its_stream(mut self) -> Self {
        self.starts_stream = true;
        self
    }

    /// Bytes of its data and its note.
    pub(super) fn size(&self) -> usize {
        self.data.len() + self.note.as_ref().map_or(0, |(_, text)| text.len())
    }

    /// Whether it is appended without reading its stream's version.
    pub fn starts_stream(&self) -> bool {
        self.starts_stream
    }
}

/// The command that an event is the last one of, so that a repetition of the command is recognised. Both digests are
/// keyed with a secret of the log's database, so that they reveal nothing about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandMark {
    /// The digest of the command's id.
    pub id: [u8; 16],
    /// The digest of the request.
    pub request: [u8; 16],
}

impl CommandMark {
    /// As in the envelope: both digests in hex, one behind the other.
    fn to_text(self) -> String {
        hex(&self.id) + &hex(&self.request)
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = from_hex(text)?.try_into().ok()?;
        let (id, request) = bytes.split_at(16);
        Some(Self { id: id.try_into().ok()?, request: request.try_into().ok()? })
    }
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its position in the log, from 1, without gaps.
    pub position: u64,
    /// UUID version 7.
    pub event_id: Uuid,
    /// The stream it belongs to.
    pub stream: String,
    /// Its version in the stream, from 1, without gaps.
    pub version: u64,
    /// Its type with the version of its schema.
    pub type_name: String,
    /// The subject that it is published under.
    pub subject: String,
    /// JSON text, byte for byte as published.
    pub data: String,
    /// When it was appended.
    pub recorded_at: Moment,
    /// Who caused it: `operator:<id>`, `token:<id>`, `visitor`, `system`.
    pub actor: String,
    /// The trace of the request that caused it (W3C `traceparent`).
    pub cause: Option<String>,
    /// The command whose last event this is; `None` where others of the same command follow.
    pub command: Option<CommandMark>,
    /// SHA-256 over the previous event's hash and this event.
    pub hash: EventHash,
}

/// An envelope with a missing or malformed attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the envelope's attribute {0} is missing or malformed")]
pub struct Malformed(pub &'static str);

/// An event's attributes as text, built once for its hash and its message.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The event.
    pub event: &'a RecordedEvent,
    /// The attributes of the hash chain, in its order and with their names on the wire. An absent one is empty here.
    chained: [(&'static str, Cow<'a, str>); 11],
}

impl Envelope<'_> {
    /// All attributes, with the prefix `ce-` of NATS headers.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let chained = self.chained.iter().map(|(name, value)| (*name, Cow::Borrowed(&**value)));
        let more = [
            ("ce-specversion", Cow::Borrowed("1.0")),
            ("ce-dataschema", schema_name(&self.event.type_name).into()),
            ("ce-hash", self.event.hash.to_string().into()),
            ("ce-datacontenttype", Cow::Borrowed("application/json")),
            ("ce-agentid", self.event.agent_id().map(|id| id.to_string()).unwrap_or_default().into()),
            ("ce-traceparent", self.event.cause.as_deref().unwrap_or_default().into()),
        ];
        chained.chain(more).filter(|(_, value)| !value.is_empty())
    }

    /// The event's hash after `previous`.
    pub fn chain(&self, previous: &EventHash) -> EventHash {
        previous.next(self.chained.iter().map(|(_, value)| value.as_ref()), &self.event.data)
    }
}

impl RecordedEvent {
    /// The agent that the event concerns, if its data name one.
    pub fn agent_id(&self) -> Option<Uuid> {
        Concerned::of(&self.data).agent()
    }

    /// The event's envelope in this log.
    pub fn envelope(&self, identity: &Identity) -> Envelope<'_> {
        let chained = [
            ("ce-id", self.event_id.to_string().into()),
            ("ce-source", identity.source().into()),
            ("ce-type", self.type_name.as_str().into()),
            ("ce-time", self.recorded_at.to_string().into()),
            ("ce-subject", self.subject.as_str().into()),
            ("ce-sequence", format!("{:020}", self.position).into()),
            ("ce-logid", identity.log_id.to_string().into()),
            ("ce-stream", self.stream.as_str().into()),
            ("ce-streamversion", self.version.to_string().into()),
            ("ce-actor", self.actor.as_str().into()),
            ("ce-command", self.command.map(CommandMark::to_text).unwrap_or_default().into()),
        ];
        Envelope { event: self, chained }
    }

    /// The event's hash after `previous`.
    pub fn chain(&self, previous: &EventHash, identity: &Identity) -> EventHash {
        self.envelope(identity).chain(previous)
    }

    /// The event as one line of JSON (CloudEvents' JSON format).
    pub fn to_json(&self, identity: &Identity) -> Result<String, serde_json::Error> {
        let mut members = serde_json::Map::new();
        for (name, value) in self.envelope(identity).attributes() {
            members.insert(plain(name).to_owned(), value.into_owned().into());
        }
        let mut text = serde_json::to_string(&members)?;
        // The data is inserted as it is stored: parsing and writing it again could change its bytes.
        text.truncate(text.len() - 1);
        text.push_str(",\"data\":");
        text.push_str(&self.data);
        text.push('}');
        Ok(text)
    }

    /// Reads the output of `to_json`; returns the event and the id of its log.
    pub fn from_json(text: &str) -> Result<(Self, Uuid), Malformed> {
        let members: std::collections::HashMap<String, Box<RawValue>> =
            serde_json::from_str(text).map_err(|_| Malformed("data"))?;
        let data = members.get("data").ok_or(Malformed("data"))?.get().to_owned();
        let attribute =
            |name: &str| members.get(plain(name)).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        Self::from_attributes(attribute, data)
    }

    /// Builds the event from its envelope's attributes, whatever their source; returns it and the id of its log.
    pub fn from_attributes(
        attribute: impl Fn(&str) -> Option<String>,
        data: String,
    ) -> Result<(Self, Uuid), Malformed> {
        let text = |name: &'static str| attribute(name).ok_or(Malformed(name));
        let event = Self {
            position: text("ce-sequence")?.parse().map_err(|_| Malformed("ce-sequence"))?,
            event_id: text("ce-id")?.parse().map_err(|_| Malformed("ce-id"))?,
            stream: text("ce-stream")?,
            version: text("ce-streamversion")?.parse().map_err(|_| Malformed("ce-streamversion"))?,
            type_name: text("ce-type")?,
            subject: text("ce-subject")?,
            data,
            recorded_at: Moment::parse(&text("ce-time")?).map_err(|_| Malformed("ce-time"))?,
            actor: text("ce-actor")?,
            // Earlier versions published the attribute without the prefix.
            cause: attribute("ce-traceparent").or_else(|| attribute("traceparent")),
            command: match attribute("ce-command") {
                Some(text) => Some(CommandMark::parse(&text).ok_or(Malformed("ce-command"))?),
                None => None,
            },
            hash: text("ce-hash")?.parse().map_err(|_| Malformed("ce-hash"))?,
        };
        Ok((event, text("ce-logid")?.parse().map_err(|_| Malformed("ce-logid"))?))
    }
}

/// An attribute's name in JSON.
fn plain(name: &str) -> &str {
    name.strip_prefix("ce-").unwrap_or(name)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const BEFORE: EventHash = EventHash([0; 32]);

    pub(crate) fn sample() -> (RecordedEvent, Identity) {
        let identity = Identity { service: "agents", log_id: Uuid::from_u128(7) };
        let mut event = RecordedEvent {
            position: 3,
            event_id: Uuid::from_u128(1),
            stream: "agent-1".to_owned(),
            version: 2,
            type_name: "signpost.agents.agent_created.v1".to_owned(),
            subject: "agents.v1.agent.created.1".to_owned(),
            data: r#"{"b" : 1,"a":"é"}"#.to_owned(),
            recorded_at: Moment::from_micros(5),
            actor: "system".to_owned(),
            cause: None,
            command: Some(CommandMark { id: [1; 16], request: [2; 16] }),
            hash: BEFORE,
        };
        event.hash = event.chain(&BEFORE, &identity);
        (event, identity)
    }

    #[test]
    fn an_event_comes_back_from_json_byte_for_byte() {
        let (event, identity) = sample();
        let (read, log_id) = RecordedEvent::from_json(&event.to_json(&identity).unwrap()).unwrap();
        assert_eq!(read, event);
        assert_eq!(log_id, identity.log_id);
    }

    #[test]
    fn the_hash_depends_on_every_byte_and_on_the_history_before() {
        let (event, identity) = sample();
        let mut other = event.clone();
        other.data.push(' ');
        assert_ne!(other.chain(&BEFORE, &identity), event.hash);
        assert_ne!(event.chain(&event.hash, &identity), event.hash);
    }
}
