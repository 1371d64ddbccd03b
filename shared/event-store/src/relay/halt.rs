/// Why a relay stops until an operator acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The database was replaced, or two installations share a bus.
    #[error("stream {0} is a copy of another log")]
    OtherLog(String),
    /// The log is behind its stream, for example after a restore from a backup.
    #[error("stream {stream} holds {last} messages, the log only {head} events")]
    Ahead {
        stream: String,
        /// Its last sequence.
        last: u64,
        /// The log's last position.
        head: u64,
    },
    /// Another program published to the stream.
    #[error("message {1} of stream {0} is not event {1} of the log: another program published it")]
    Foreign(String, u64),
    /// The log or the stream was replaced by one with another history from this position on.
    #[error("stream {0} and its log have different histories at position {1}")]
    Diverged(String, u64),
    /// A stream that this log was published to does not exist.
    #[error("stream {0} is missing, though the log was published to it")]
    Missing(String),
    /// Messages were deleted, purged or expired.
    #[error("stream {stream} lacks messages: it holds {messages}, and its last sequence is {last}")]
    MessagesGone {
        stream: String,
        /// Messages in it.
        messages: u64,
        /// Its last sequence.
        last: u64,
    },
    /// The stream's configuration could lose, alter or refuse messages.
    #[error("stream {stream} is not configured as a copy of a log: {faults}")]
    Misconfigured {
        stream: String,
        /// Each setting that is wrong, and the wanted value.
        faults: String,
    },
    /// The server lacks features that the relay relies on.
    #[error("nats-server {found} is too old: {needed} or newer is needed")]
    OldServer {
        /// The server's version.
        found: String,
        /// The oldest supported version.
        needed: String,
    },
}

impl Halt {
    /// Whether the stream has events that the log has lost: appends must stop then, or the log would get a second
    /// history.
    pub fn says_that_the_log_lost_events(&self) -> bool {
        matches!(self, Self::OtherLog(_) | Self::Ahead { .. } | Self::Diverged(..))
    }
}
