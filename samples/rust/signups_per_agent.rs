//! Proves that a log is whole and unchanged, and counts the signups of each agent.
//!
//! It reads the events as JSON lines on standard input, from the first one on, such as the file that
//! `samples/shell/follow.sh` keeps: `signups_per_agent < signups.ndjson`. Types of events that it does not know are part
//! of the proof and are not counted.

use std::collections::BTreeMap;
use std::error::Error;

use contract::events::Contract;
use contract::events::signups::SignupsEvent;
use contract::ids::hex;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The parts of an event that are hashed, and its hash.
#[derive(Deserialize)]
struct Event {
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    time: String,
    subject: String,
    sequence: String,
    logid: String,
    stream: String,
    streamversion: String,
    actor: String,
    #[serde(default)]
    command: String,
    /// The text as it was published, byte for byte.
    data: Box<RawValue>,
    hash: String,
}

impl Event {
    /// What the hash must be behind an event with this one.
    fn hash_after(&self, previous: &str) -> String {
        let Self { id, source, kind, time, subject, sequence, logid, stream, streamversion, actor, command, .. } = self;
        let data = self.data.get();
        hex(&Sha256::digest(format!(
            "{previous}\n{id}\n{source}\n{kind}\n{time}\n{subject}\n{sequence}\n{logid}\n{stream}\n{streamversion}\n\
             {actor}\n{command}\n{data}"
        )))
    }
}

/// The end of the log so far: position and hash.
struct Head {
    position: u64,
    hash: String,
}

impl Head {
    fn advance(&mut self, event: &Event) -> Result<(), String> {
        self.position += 1;
        if event.sequence != format!("{:020}", self.position) {
            return Err(format!("position {} is {}", self.position, event.sequence));
        }
        self.hash = event.hash_after(&self.hash);
        if self.hash != event.hash {
            return Err(format!(
                "position {}: the hash is {}, the text gives {}",
                self.position, event.hash, self.hash
            ));
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut head = Head { position: 0, hash: "0".repeat(64) };
    let mut signups = BTreeMap::<_, (u64, String)>::new();
    for line in std::io::stdin().lines() {
        let event: Event = serde_json::from_str(&line?)?;
        head.advance(&event)?;
        if let Some(SignupsEvent::CustomerPlaced(placed)) = SignupsEvent::read(&event.kind, event.data.get())? {
            let agent = signups.entry(placed.agent_id).or_default();
            // The name is the one of the last placement.
            *agent = (agent.0 + 1, placed.agent_name);
        }
    }
    for (agent_id, (count, name)) in signups {
        println!("{agent_id}\t{count}\t{name}");
    }
    eprintln!("proved {} {}", head.position, head.hash);
    Ok(())
}
