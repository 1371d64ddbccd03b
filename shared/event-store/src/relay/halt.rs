//! Why a relay stops until an operator decides.

/// Why a relay stops until an operator decides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The database was replaced, or two installations share a bus.
    #[error("stream {0} is a copy of another log")]
    OtherLog(String),
    /// The database was restored from a backup, say.
    #[error("stream {stream} holds {last} messages, the log only {head} events")]
    Ahead {
        /// The stream's name.
        stream: String,
        /// Its last sequence.
        last: u64,
        /// The log's last position.
        head: u64,
    },
    /// Somebody else published to the stream.
    #[error("message {1} of stream {0} is not event {1} of the log: another program published it")]
    Foreign(String, u64),
    /// The log, or the stream, was replaced by one that has another history from this position on.
    #[error("stream {0} and its log tell different histories at position {1}")]
    Diverged(String, u64),
    /// A stream that this log was published to is not there.
    #[error("stream {0} is missing, though the log was published to it")]
    Missing(String),
    /// Messages were deleted, purged or expired.
    #[error("stream {stream} lacks messages: it holds {messages}, and its last sequence is {last}")]
    MessagesGone {
        /// The stream's name.
        stream: String,
        /// Messages in it.
        messages: u64,
        /// Its last sequence.
        last: u64,
    },
    /// The stream's configuration could lose, alter or refuse messages.
    #[error("stream {stream} is not configured as a copy of a log: {faults}")]
    Misconfigured {
        /// The stream's name.
        stream: String,
        /// Each setting that is wrong, and what is wanted.
        faults: String,
    },
    /// The server lacks what the relay relies on.
    #[error("nats-server {found} is too old: {needed} or newer is needed")]
    OldServer {
        /// The server's version.
        found: String,
        /// The oldest that will do.
        needed: String,
    },
}

impl Halt {
    /// Whether the stream has what this log should have: then nothing may be appended, or two histories would grow.
    pub fn says_that_the_log_lost_events(&self) -> bool {
        matches!(self, Self::OtherLog(_) | Self::Ahead { .. } | Self::Diverged(..))
    }
}
