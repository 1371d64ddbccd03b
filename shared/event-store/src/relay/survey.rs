//! A whole stream beside its log, message by message: what `verify` proves and `repair` decides by.

use std::collections::VecDeque;

use super::error::RelayError;
use super::halt::Halt;
use super::messages::{Messages, Stored};
use super::stream::find;
use crate::bus::Bus;
use crate::log::{EventHash, Log, LogPoint, RecordedEvent};

/// Events read from the log at a time.
const PAGE: usize = 1_000;

/// What a message is to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The event at its place.
    Event,
    /// An event that continues the log where that ends: the log lost it.
    Lost,
    /// Something that the log never had at this place.
    Differs(Halt),
}

/// Goes through a stream that nobody changes but by adding to it.
#[derive(Debug)]
pub struct Walk {
    log: Log,
    messages: Option<Messages>,
    /// Messages still to come, as many as the stream held at the beginning.
    left: u64,
    events: VecDeque<RecordedEvent>,
    /// The hash of the last message that was an event of the log, or continued it.
    hash: EventHash,
    /// Whether a message behind the log's end did not continue it: nothing behind that does.
    is_broken: bool,
}

impl Walk {
    /// Through all messages that the log's stream holds now.
    pub async fn begin(log: &Log, bus: &Bus) -> Result<Self, RelayError> {
        let name = log.identity().stream_name();
        let left = find(bus, &name).await?.map_or(0, |stream| stream.cached_info().state.messages);
        let messages = if left > 0 { Some(Messages::after(bus, &name, 0).await?) } else { None };
        let (events, hash) = (VecDeque::new(), LogPoint::START.hash);
        Ok(Self { log: log.clone(), messages, left, events, hash, is_broken: false })
    }

    /// The next message; `None` behind the last.
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
        // Where messages are gone, their events are passed over.
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

/// What a stream holds, in sum.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Messages that are the events at their places.
    pub events: u64,
    /// Messages that continue the log behind its end.
    pub lost: u64,
    /// Messages that the log never had at their places, and those of them that were events of it: acknowledged, and now of
    /// another history.
    pub others: u64,
    /// See `others`.
    pub diverged: u64,
    /// Why the first of the others is none.
    pub first: Option<Halt>,
}

/// Reads the whole stream; `progress` is told how many messages are read.
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
