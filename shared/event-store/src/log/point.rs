//! A point in a log, and whether a log contains it. Every reader stores the hash with its position: a log with
//! another hash at that position, or none, is another log.

use super::event::{Identity, RecordedEvent};
use super::hash::EventHash;

/// A position and the hash of the event there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPoint {
    /// The position; 0 before the first event.
    pub position: u64,
    /// The hash of the event at the position, which covers all events before it.
    pub hash: EventHash,
}

/// An event that does not continue the history after a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event at position {position} does not continue the history before it")]
pub struct Diverged {
    /// The first such position.
    pub position: u64,
}

impl LogPoint {
    /// Before the first event.
    pub const START: Self = Self { position: 0, hash: EventHash([0; 32]) };

    /// The point of an event.
    pub fn of(event: &RecordedEvent) -> Self {
        Self { position: event.position, hash: event.hash }
    }

    /// The point after these events, which must follow this point without a gap, each with the right hash.
    pub fn behind<'a>(
        self,
        events: impl IntoIterator<Item = &'a RecordedEvent>,
        identity: &Identity,
    ) -> Result<Self, Diverged> {
        let mut point = self;
        for event in events {
            let position = point.position + 1;
            if event.position != position || event.chain(&point.hash, identity) != event.hash {
                return Err(Diverged { position });
            }
            point = Self::of(event);
        }
        Ok(point)
    }
}

/// Whether a log contains a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Containment {
    /// The event at the position has the hash.
    Contained,
    /// The log ends before the position.
    Shorter {
        /// The log's last position.
        head: u64,
    },
    /// The event at the position has another hash.
    Other,
}

impl Containment {
    /// A description of the mismatch, where the log does not contain the point.
    pub fn fault(self, position: u64) -> Option<String> {
        match self {
            Self::Contained => None,
            Self::Shorter { head } => Some(format!("the log ends at position {head}, before position {position}")),
            Self::Other => Some(format!("the log has another event at position {position}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::sample;
    use super::*;

    #[test]
    fn a_point_moves_along_its_own_history_only() {
        let (event, identity) = sample();
        let before = LogPoint { position: 2, ..LogPoint::START };
        let after = before.behind([&event], &identity).unwrap();
        assert_eq!(after, LogPoint::of(&event));
        assert_eq!(after.behind([&event], &identity).unwrap_err().position, 4);
        let elsewhere = LogPoint { hash: event.hash, ..before };
        assert_eq!(elsewhere.behind([&event], &identity).unwrap_err().position, 3);
    }
}
