//! Repairs one stream, only with consent. Events that the log lost and the stream still has are restored; otherwise
//! the log is the truth, and the stream is created again from it. Messages that the log lacks are saved to a file,
//! complete and synced, before their stream is removed.

use std::path::Path;

use anyhow::Context;
use event_store::bus::Bus;
use event_store::log::{Log, RecordedEvent, restore};
use event_store::relay::survey::{Survey, Verdict, Walk, survey};
use event_store::relay::{Halt, create, inspect, reconfigure, remove, seal};

use super::{Consent, surplus};
use crate::progress::Progress;

/// Events that are restored at a time.
const TAKEN_BACK_AT_ONCE: usize = 1_000;

/// One stream and its log.
pub struct Repair<'a> {
    pub log: &'a Log,
    pub bus: &'a Bus,
    pub replicas: usize,
    /// Where messages are saved.
    pub folder: &'a Path,
    pub consent: Consent,
}

impl Repair<'_> {
    /// Checks the stream, and repairs it with consent; returns whether something is still to be done.
    pub async fn run(&self) -> anyhow::Result<bool> {
        let name = self.name();
        let Some(state) = inspect(self.log, self.bus).await? else {
            println!("stream {name}: not made yet; the relay makes it when it starts");
            return Ok(false);
        };
        if let Some(halt @ Halt::Missing(_)) = &state.halt {
            println!("stream {name}: {halt}");
            if self.agreed("the stream is made anew, and the relay publishes the whole log to it") {
                create(self.log, self.bus, self.replicas).await?;
                println!("stream {name}: made anew; the relay fills it within seconds");
            }
            return Ok(!self.consent.yes);
        }
        let mut progress = Progress::new("stream", state.messages);
        let found = survey(self.log, self.bus, |messages| progress.at(messages)).await?;
        drop(progress);
        // The survey of all messages knows more than the check of the stream's end.
        let is_of_stream =
            |halt: &Halt| matches!(halt, Halt::OtherLog(_) | Halt::MessagesGone { .. } | Halt::Misconfigured { .. });
        self.mend(state.halt.filter(is_of_stream), &found).await
    }

    async fn mend(&self, halt: Option<Halt>, found: &Survey) -> anyhow::Result<bool> {
        let name = self.name();
        let (is_misconfigured, is_lost) = (matches!(halt, Some(Halt::Misconfigured { .. })), found.lost > 0);
        if halt.is_none() && found.first.is_none() && !is_lost {
            println!("stream {name}: {} messages; nothing to repair", found.events);
            return Ok(false);
        }
        for halt in halt.iter().chain(found.first.iter().filter(|first| halt.as_ref() != Some(*first))) {
            println!("stream {name}: {halt}");
        }
        if matches!(halt, Some(Halt::OtherLog(_))) && !self.consent.from_log {
            println!(
                "stream {name}: restore the database that it belongs to, or give the stream up with --from-log --yes"
            );
            return Ok(true);
        }
        if is_lost {
            println!("stream {name}: it holds {} events that the log lost", found.lost);
        }
        if found.diverged > 0 {
            println!(
                "stream {name}: it holds {} events that do not continue the log; they were acknowledged",
                found.diverged
            );
            if !self.consent.from_log {
                println!("stream {name}: restore the database that has them, or give them up with --from-log --yes");
                return Ok(true);
            }
        }
        let mut is_anew = found.others > 0 || halt.is_some() && !is_misconfigured || is_lost && self.consent.from_log;
        let is_taken_back = is_lost && !self.consent.from_log;
        if is_taken_back && self.agreed("these events are taken back into the log") {
            self.take_back(found).await?;
        }
        if is_misconfigured && !is_anew && self.agreed("its configuration is corrected") {
            is_anew = !self.reconfigured().await?;
        }
        if is_anew
            && self.agreed("what only the stream has is saved to a file, and the stream is made anew from the log")
        {
            self.make_anew().await?;
        }
        Ok(!self.consent.yes)
    }

    /// Whether NATS accepted the wanted configuration.
    async fn reconfigured(&self) -> anyhow::Result<bool> {
        if let Err(error) = reconfigure(self.log, self.bus, self.replicas).await {
            println!(
                "stream {}: NATS refuses to correct it: {}",
                self.name(),
                event_store::health::with_causes(&error)
            );
            return Ok(false);
        }
        println!("stream {}: its configuration is corrected", self.name());
        Ok(true)
    }

    /// Appends to the log the events that only the stream still has.
    async fn take_back(&self, found: &Survey) -> anyhow::Result<()> {
        let mut walk = Walk::begin(self.log, self.bus).await?;
        let mut page: Vec<RecordedEvent> = Vec::new();
        while let Some((message, verdict)) = walk.next().await? {
            if verdict == Verdict::Lost {
                page.extend(message.event().map(|(event, _)| event));
            }
            if page.len() == TAKEN_BACK_AT_ONCE {
                self.append(&page).await?;
                page.clear();
            }
        }
        self.append(&page).await?;
        println!("stream {}: {} events are back in the log", self.name(), found.lost);
        Ok(())
    }

    async fn append(&self, page: &[RecordedEvent]) -> anyhow::Result<()> {
        let restored = restore(self.log, page).await;
        restored.context("the log changed meanwhile: stop the services, then repeat")?;
        Ok(())
    }

    /// The stream is sealed while it is saved, so that its removal loses nothing.
    async fn make_anew(&self) -> anyhow::Result<()> {
        let name = self.name();
        seal(self.bus, &name).await.context("NATS refuses to seal the stream")?;
        if let Some(saved) = surplus::save(self.log, self.bus, self.folder).await? {
            println!("stream {name}: {} messages saved to {}", saved.messages, saved.path.display());
        }
        remove(self.bus, &name).await?;
        create(self.log, self.bus, self.replicas).await?;
        println!("stream {name}: made anew; the relay fills it within seconds");
        Ok(())
    }

    /// Whether the operator consents; prints the step if not.
    fn agreed(&self, what: &str) -> bool {
        if !self.consent.yes {
            println!("stream {}: with `signpost repair --yes`, {what}", self.name());
        }
        self.consent.yes
    }

    fn name(&self) -> String {
        self.log.identity().stream_name()
    }
}
