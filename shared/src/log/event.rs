//! An event before and after it is in the log, its envelope (CloudEvents 1.0) and its place in the hash chain.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Moment;
use crate::events::{Contract, schema_name};
use crate::ids::hex;

/// The hash that stands before position 1.
pub const START_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Which log this is: what its events say of their origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The service's name, such as `agents`; the stream of the bus has the same in capitals.
    pub service: &'static str,
    /// The id that the log was given when it was made.
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
        })
    }

    /// The first event of a stream whose name nobody can have used before, so that the log need not look for it; were it
    /// there after all, the append would be refused.
    #[must_use]
    pub fn starting_its_stream(mut self) -> Self {
        self.starts_stream = true;
        self
    }
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log, from 1, without gaps.
    pub position: u64,
    /// UUID version 7.
    pub event_id: Uuid,
    /// The stream it belongs to.
    pub stream: String,
    /// Its place in the stream, from 1, without gaps.
    pub version: u64,
    /// Its type with the version of its schema.
    pub type_name: String,
    /// The subject that it is published under.
    pub subject: String,
    /// JSON text, byte for byte as published.
    pub data: String,
    /// When it was appended.
    pub recorded_at: Moment,
    /// Who asked for it: `operator:<id>`, `token:<id>`, `visitor`, `system`.
    pub actor: String,
    /// The trace of the request that caused it (W3C `traceparent`).
    pub cause: Option<String>,
    /// SHA-256 over the previous event's hash and this event, lower-case hex.
    pub hash: String,
}

/// An envelope that lacks an attribute or has one that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the envelope's attribute {0} is missing or malformed")]
pub struct Malformed(pub &'static str);

impl Recorded {
    /// The envelope's attributes but for the schema, in the order of the hash chain and with their names on the wire.
    fn chained(&self, identity: &Identity) -> [(&'static str, String); 10] {
        [
            ("id", self.event_id.to_string()),
            ("source", identity.source()),
            ("type", self.type_name.clone()),
            ("time", self.recorded_at.to_string()),
            ("subject", self.subject.clone()),
            ("sequence", format!("{:020}", self.position)),
            ("logid", identity.log_id.to_string()),
            ("stream", self.stream.clone()),
            ("streamversion", self.version.to_string()),
            ("actor", self.actor.clone()),
        ]
    }

    /// All attributes of the envelope, without the `ce-` that NATS headers carry before each.
    pub fn attributes(&self, identity: &Identity) -> Vec<(&'static str, String)> {
        let mut attributes = vec![("specversion", "1.0".to_owned())];
        attributes.extend(self.chained(identity));
        attributes.push(("dataschema", schema_name(&self.type_name)));
        attributes.push(("hash", self.hash.clone()));
        attributes
    }

    /// The hash that this event has behind `previous`.
    pub fn chain(&self, previous: &str, identity: &Identity) -> String {
        let mut sha = Sha256::new();
        sha.update(previous.as_bytes());
        sha.update(b"\n");
        for (_, value) in self.chained(identity) {
            sha.update(value.as_bytes());
            sha.update(b"\n");
        }
        sha.update(self.data.as_bytes());
        hex(&sha.finalize())
    }

    /// The event as one line of JSON (CloudEvents' JSON format).
    pub fn to_json(&self, identity: &Identity) -> Result<String, serde_json::Error> {
        let mut members = serde_json::Map::new();
        for (name, value) in self.attributes(identity) {
            members.insert(name.to_owned(), value.into());
        }
        members.insert("datacontenttype".to_owned(), "application/json".into());
        if let Some(cause) = &self.cause {
            members.insert("traceparent".to_owned(), cause.as_str().into());
        }
        let mut text = serde_json::to_string(&members)?;
        // The data goes in as it is stored: parsing and writing it again could change its bytes.
        text.truncate(text.len() - 1);
        text.push_str(",\"data\":");
        text.push_str(&self.data);
        text.push('}');
        Ok(text)
    }

    /// Reads what `to_json` wrote; answers the event and the id of its log.
    pub fn from_json(text: &str) -> Result<(Self, Uuid), Malformed> {
        let members: std::collections::HashMap<String, Box<RawValue>> =
            serde_json::from_str(text).map_err(|_| Malformed("data"))?;
        let data = members.get("data").ok_or(Malformed("data"))?.get().to_owned();
        let attribute = |name: &str| members.get(name).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        Self::from_attributes(attribute, data)
    }

    /// Builds the event from its envelope, wherever the attributes come from; answers it and the id of its log.
    pub fn from_attributes(
        attribute: impl Fn(&str) -> Option<String>,
        data: String,
    ) -> Result<(Self, Uuid), Malformed> {
        let text = |name: &'static str| attribute(name).ok_or(Malformed(name));
        let event = Self {
            position: text("sequence")?.parse().map_err(|_| Malformed("sequence"))?,
            event_id: text("id")?.parse().map_err(|_| Malformed("id"))?,
            stream: text("stream")?,
            version: text("streamversion")?.parse().map_err(|_| Malformed("streamversion"))?,
            type_name: text("type")?,
            subject: text("subject")?,
            data,
            recorded_at: Moment::parse(&text("time")?).map_err(|_| Malformed("time"))?,
            actor: text("actor")?,
            cause: attribute("traceparent"),
            hash: text("hash")?,
        };
        Ok((event, text("logid")?.parse().map_err(|_| Malformed("logid"))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Recorded, Identity) {
        let identity = Identity { service: "agents", log_id: Uuid::from_u128(7) };
        let mut event = Recorded {
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
            hash: String::new(),
        };
        event.hash = event.chain(START_HASH, &identity);
        (event, identity)
    }

    #[test]
    fn an_event_comes_back_from_json_byte_for_byte() {
        let (event, identity) = sample();
        let (read, log_id) = Recorded::from_json(&event.to_json(&identity).unwrap()).unwrap();
        assert_eq!(read, event);
        assert_eq!(log_id, identity.log_id);
    }

    #[test]
    fn the_hash_depends_on_every_byte_and_on_the_history_before() {
        let (event, identity) = sample();
        let mut other = event.clone();
        other.data.push(' ');
        assert_ne!(other.chain(START_HASH, &identity), event.hash);
        assert_ne!(event.chain(&event.hash, &identity), event.hash);
    }
}
