//! A service's log, read over HTTP, and its invariants: dense positions, an unbroken chain of hashes, dense versions
//! in every stream.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::api::{Api, ApiResponse};

const PAGE: usize = 1_000;
const BEFORE_THE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One line of `GET /events`.
#[derive(Debug, Deserialize)]
pub struct Event {
    pub id: String,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub time: String,
    pub subject: String,
    pub sequence: String,
    pub hash: String,
    #[serde(rename = "logid")]
    pub log_id: String,
    pub stream: String,
    #[serde(rename = "streamversion")]
    pub stream_version: String,
    pub actor: String,
    #[serde(default)]
    pub command: String,
    pub dataschema: String,
    pub specversion: String,
    #[serde(rename = "data")]
    pub raw_data: Box<RawValue>,
    /// The unparsed line.
    #[serde(skip)]
    pub line: String,
}

impl Event {
    pub fn read(line: &str) -> Result<Self> {
        let mut event: Self = serde_json::from_str(line).with_context(|| format!("not an event: {line}"))?;
        line.clone_into(&mut event.line);
        Ok(event)
    }

    pub fn position(&self) -> Result<u64> {
        ensure!(self.sequence.len() == 20, "the sequence {:?} is not padded to 20 digits", self.sequence);
        Ok(self.sequence.parse()?)
    }

    pub fn data(&self) -> Result<Value> {
        Ok(serde_json::from_str(self.raw_data.get())?)
    }

    /// The short name of its type, such as `customer_placed`.
    pub fn name(&self) -> &str {
        self.kind.rsplit('.').nth(1).unwrap_or_default()
    }

    fn expected_hash(&self, previous: &str) -> String {
        let lines = [
            previous,
            &self.id,
            &self.source,
            &self.kind,
            &self.time,
            &self.subject,
            &self.sequence,
            &self.log_id,
            &self.stream,
            &self.stream_version,
            &self.actor,
            &self.command,
        ];
        let mut digest = Sha256::new();
        for line in lines {
            digest.update(line);
            digest.update("\n");
        }
        digest.update(self.raw_data.get());
        digest.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A whole log.
#[derive(Debug)]
pub struct Log {
    pub head: u64,
    pub log_id: String,
    pub events: Vec<Event>,
}

impl Log {
    /// Reads the log page by page up to the head of the first page.
    pub async fn read(api: &Api) -> Result<Self> {
        let mut log = Self { head: 0, log_id: String::new(), events: Vec::new() };
        loop {
            let path = format!("/api/v1/events?after={}&limit={PAGE}", log.events.len());
            let answer = api.get(&path).send().await?.expect(200)?;
            if log.events.is_empty() {
                log.head = head(&answer)?;
                answer.header("Signpost-Log-Id").clone_into(&mut log.log_id);
            }
            let before = log.events.len();
            for line in answer.text().lines().filter(|line| !line.is_empty()) {
                log.events.push(Event::read(line)?);
            }
            if u64::try_from(log.events.len())? >= log.head {
                return Ok(log);
            }
            ensure!(log.events.len() > before, "{answer}: the log ends before its head {}", log.head);
        }
    }

    /// Checks all invariants of a log.
    pub fn check(&self) -> Result<()> {
        let mut versions: HashMap<&str, u64> = HashMap::new();
        let mut previous = BEFORE_THE_FIRST;
        for (event, expected) in self.events.iter().zip(1..) {
            let what = &event.line;
            ensure!(event.position()? == expected, "position {expected} is missing: {what}");
            ensure!(event.log_id == self.log_id, "another log's event: {what}");
            ensure!(event.specversion == "1.0", "not CloudEvents 1.0: {what}");
            ensure!(event.dataschema == format!("urn:signpost:schema:{}", event.kind), "another schema: {what}");
            let version = versions.entry(&event.stream).or_default();
            *version += 1;
            ensure!(event.stream_version == version.to_string(), "expected version {version}: {what}");
            ensure!(event.hash == event.expected_hash(previous), "the chain of hashes breaks at {what}");
            previous = &event.hash;
        }
        Ok(())
    }

    /// The events of one type, by its short name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(move |event| event.name() == name)
    }
}

/// The last position of the log.
pub fn head(answer: &ApiResponse) -> Result<u64> {
    answer.header("Signpost-Head").parse().with_context(|| format!("{answer}: no Signpost-Head"))
}
