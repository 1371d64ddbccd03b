//! A whole stream compared with its log, message by message: for `verify` and `repair`.

use std::collections::VecDeque;

use super::error::RelayError;
use super::halt::Halt;
use super::messages::{Messages, Stored};
use super::stream::find;
use crate::bus::Bus;
use crate::log::{EventHash, Log, LogPoint, RecordedEvent};

/// Events read from the log at a time.
const PAGE: usize = 1_000;

/// How a message relates to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The event at its position.
    Event,
    /// An event that continues the log after its end: the log lost it.
    Lost,
    /// No event that the log ever had at this position.
    Differs(Halt),
}

/// Walks through a stream to which messages are only added.
#[derive(Debug)]
pub struct Walk {
    log: Log,
    messages: Option<Messages>,
    /// Messages left, as many as the stream held at the beginning.
    left: u64,
    events: VecDeque<RecordedEvent>,
    /// The hash of the last message that was an event of the log, or continued it.
    hash: EventHash,
    /// A message after the log's end did not continue it, so no later one does.
    is_broken: bool,
}

impl Walk {
    /// Starts at the first message of the log's stream.
    pub async fn begin(log: &Log, bus: &Bus) -> Result<Self, RelayError> {
        let name = log.identity().stream_name();
        let left = find(bus, &name).await?.map_or(0, |stream| stream.cached_info().state.messages);
        let messages = if left > 0 { Some(Messages::after(bus, &name, 0).await?) } else { None };
        let (events, hash) = (VecDeque::new(), LogPoint::START.hash);
        Ok(Self { log: log.clone(), messages, left, events, hash, is_broken: false })
    }

    /// The next message; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<(Stored, Verdict)>, RelayError> {
        let (true, Some(messages)) = (self.left > 0, &mut self.messages) else { return Ok(None) };
        let message = messages.next().await?;
        self.left -= 1;
        let verdict = match self.event_at(message.sequence).await? {
            Some(event) => {
                let differs = message.differs_from(Some(&event), self.log.identity());
                self.hash = event.hash;
                differs.map_or(Verdict::Event, Verdict::Differs)
            }
            None => self.behind_the_end(&message),
        };
        Ok(Some((message, verdict)))
    }

    fn behind_the_end(&mut self, message: &Stored) -> Verdict {
        let differs = message.breaks_chain_behind(&self.hash, self.log.identity());
        let is_lost = differs.is_none() && !self.is_broken;
        if is_lost && let Some((event, _)) = message.event() {
            self.hash = event.hash;
            return Verdict::Lost;
        }
        self.is_broken = true;
        let diverged = || Halt::Diverged(self.log.identity().stream_name(), message.sequence);
        Verdict::Differs(differs.unwrap_or_else(diverged))
    }

    async fn event_at(&mut self, position: u64) -> Result<Option<RecordedEvent>, RelayError> {
        // Events of missing messages are skipped.
        while self.events.front().is_some_and(|event| event.position < position) {
            self.events.pop_front();
        }
        if self.events.is_empty() {
            self.events = self.log.read_after(position - 1, PAGE).await?.into();
        }
        let is_there = self.events.front().is_some_and(|event| event.position == position);
        Ok(if is_there { self.events.pop_front() } else { None })
    }
}

/// Counts of a stream's messages.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Messages that are the events at their positions.
    pub events: u64,
    /// Messages that continue the log after its end.
    pub lost: u64,
    /// Messages that the log never had at their positions.
    pub others: u64,
    /// Those of `others` that were events of the log, in another history.
    pub diverged: u64,
    /// Why the first of the others differs.
    pub first: Option<Halt>,
}

/// Reads the whole stream; `progress` gets the number of messages read.
pub async fn survey(log: &Log, bus: &Bus, mut progress: impl FnMut(u64)) -> Result<Survey, RelayError> {
    let mut survey = Survey::default();
    let mut walk = Walk::begin(log, bus).await?;
    while let Some((_, verdict)) = walk.next().await? {
        match verdict {
            Verdict::Event => survey.events += 1,
            Verdict::Lost => survey.lost += 1,
            Verdict::Differs(halt) => {
                survey.others += 1;
                survey.diverged += u64::from(matches!(halt, Halt::Diverged(..)));
                survey.first.get_or_insert(halt);
            }
        }
        progress(survey.events + survey.lost + survey.others);
    }
    Ok(survey)
}
