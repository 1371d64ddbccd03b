//! The final check of every fault run: by the logs, the streams and the clients' own journals, no acknowledged write
//! was lost or doubled, and no placement broke a rule.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};

use crate::events::Log;
use crate::journal::Journal;
use crate::pair::Pair;
use crate::personal;
use crate::stream;
use crate::wait::{eventually, seconds};

/// Both logs of a pair.
pub struct Logs {
    pub agents: Log,
    pub signups: Log,
}

impl Logs {
    pub async fn read(pair: &Pair) -> Result<Self> {
        Self::read_from(pair, 0).await
    }

    /// Reads them from one replica, when another is down.
    pub async fn read_from(pair: &Pair, replica: usize) -> Result<Self> {
        let agents = Log::read(&pair.agents_api(replica)).await.context("the log of the agents service")?;
        let signups = Log::read(&pair.signup_api(replica)).await.context("the log of the signup service")?;
        Ok(Self { agents, signups })
    }
}

/// Checks everything and returns the logs.
pub async fn check(pair: &Pair, journal: &Journal, personal: &[String]) -> Result<Logs> {
    let logs = Logs::read(pair).await?;
    logs.agents.check().context("the agents log")?;
    logs.signups.check().context("the signups log")?;
    journal.check(&logs.agents, &logs.signups)?;
    no_placement_broke_a_rule(&logs)?;
    if let Some(nats) = &pair.nats {
        let jetstream = nats.jetstream().await?;
        stream::equals(&jetstream, "AGENTS", &logs.agents).await?;
        stream::equals(&jetstream, "SIGNUPS", &logs.signups).await?;
    }
    personal::absent_everywhere(pair, [&logs.agents, &logs.signups], personal)?;
    verifies(pair).await?;
    Ok(logs)
}

/// Waits until the streams hold their whole logs; returns the logs.
pub async fn streams_have_all(pair: &Pair) -> Result<Logs> {
    let (logs, jetstream) = (Logs::read(pair).await?, pair.nats()?.jetstream().await?);
    stream::catches_up(&jetstream, "AGENTS", logs.agents.head).await?;
    stream::catches_up(&jetstream, "SIGNUPS", logs.signups.head).await?;
    Ok(logs)
}

/// Waits until `signpost verify` succeeds, after projections have caught up.
pub async fn verifies(pair: &Pair) -> Result<()> {
    eventually(seconds(30), async || {
        let (status, text) = pair.command(&["verify"])?;
        ensure!(status == 0, "signpost verify ended with {status}:\n{text}");
        Ok(())
    })
    .await
}

/// The events of one key.
#[derive(Default)]
struct KeyStory {
    cap: Option<u64>,
    added_at: u64,
    revoked_at: Option<u64>,
    placed: u64,
}

/// No placement was decided before its key was added or after it was revoked; no cap was exceeded.
fn no_placement_broke_a_rule(logs: &Logs) -> Result<()> {
    let mut keys: HashMap<String, KeyStory> = HashMap::new();
    for event in &logs.agents.events {
        let data = event.data()?;
        let key = data["key"].as_str().unwrap_or_default().to_owned();
        match event.name() {
            "signup_key_added" => {
                let (cap, added_at) = (data["cap"].as_u64(), event.position()?);
                ensure!(!keys.contains_key(&key), "the key {key} was used again");
                keys.insert(key, KeyStory { cap, added_at, ..KeyStory::default() });
            }
            "signup_key_revoked" => {
                let story = keys.get_mut(&key).with_context(|| format!("{key} was revoked but never added"))?;
                story.revoked_at = Some(event.position()?);
            }
            _ => {}
        }
    }
    for event in logs.signups.named("customer_placed") {
        let data = event.data()?;
        let key = data["key"].as_str().unwrap_or_default();
        let decided_at = data["agents_position"].as_u64().context("a placement says where it was decided")?;
        let story = keys.get_mut(key).with_context(|| format!("{key} placed a customer but was never added"))?;
        story.placed += 1;
        ensure!(decided_at >= story.added_at, "{key} placed a customer before it was added");
        ensure!(story.revoked_at.is_none_or(|at| decided_at < at), "{key} placed a customer after it was revoked");
        ensure!(story.cap.is_none_or(|cap| story.placed <= cap), "{key} placed more than its cap");
    }
    Ok(())
}
