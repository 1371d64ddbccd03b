//! A point in a log, and whether a log contains it. Whoever keeps a position keeps the hash there too: a log with another hash
//! at that position, or none, is not the log that was followed.

use std::fmt::{Debug, Display, Formatter, Result as FmtResult};
use std::str::FromStr;

use super::event::{Identity, Recorded};
use crate::ids::{from_hex, hex};

/// A SHA-256 hash; lower-case hex as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventHash(pub [u8; 32]);

impl Display for EventHash {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> FmtResult {
        formatter.write_str(&hex(&self.0))
    }
}

impl Debug for EventHash {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> FmtResult {
        Display::fmt(self, formatter)
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash of 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for EventHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        from_hex(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NotAHash)
    }
}

/// A position and the hash of the event there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPoint {
    /// The position; 0 before the first event.
    pub position: u64,
    /// The hash of the event at the position, which covers all events before it.
    pub hash: EventHash,
}

/// An event does not continue the history behind a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event at position {position} does not continue the history before it")]
pub struct Diverged {
    /// The first such position.
    pub position: u64,
}

impl LogPoint {
    /// Before the first event.
    pub const START: Self = Self { position: 0, hash: EventHash([0; 32]) };

    /// Where an event stands.
    pub fn of(event: &Recorded) -> Self {
        Self { position: event.position, hash: event.hash }
    }

    /// The point behind these events, which must follow this point one by one, each with the hash that it has there.
    pub fn behind<'a>(
        self,
        events: impl IntoIterator<Item = &'a Recorded>,
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
    /// What is wrong, where the log does not contain the point.
    pub fn fault(self, position: u64) -> Option<String> {
        match self {
            Self::Contained => None,
            Self::Shorter { head } => Some(format!("the log ends at position {head}, before position {position}")),
            Self::Other => Some(format!("the log has another event at position {position}")),
        }
    }
}
