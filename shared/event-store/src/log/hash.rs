//! The hash of an event, which covers all events before it.

use std::fmt::{Debug, Display, Formatter, Result as FmtResult};
use std::str::FromStr;

use contract::ids::{from_hex, hex};

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
