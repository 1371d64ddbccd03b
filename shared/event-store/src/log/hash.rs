//! The hash chain: the hash of an event covers the event and all events before it.

use std::fmt::{Debug, Display, Formatter, Result as FmtResult};
use std::str::FromStr;

use contract::ids::{from_hex, hex};
use sha2::{Digest, Sha256};

/// A SHA-256 hash; lower-case hex as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventHash(pub [u8; 32]);

impl EventHash {
    /// The hash of the event after the one with this hash: SHA-256 over this hash in hex, each chained attribute, and the
    /// data, with a line feed behind each but the last.
    #[must_use]
    pub fn next<'a>(&self, attributes: impl Iterator<Item = &'a str>, data: &str) -> Self {
        let mut sha = Sha256::new();
        sha.update(self.to_string().as_bytes());
        sha.update(b"\n");
        for value in attributes {
            sha.update(value.as_bytes());
            sha.update(b"\n");
        }
        sha.update(data.as_bytes());
        Self(sha.finalize().into())
    }
}

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
