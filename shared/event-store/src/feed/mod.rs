//! Where a projector gets events from: the log in the same process, the stream of the bus, or the owner's replay
//! endpoint. All three give the same events in the same order; which is in use, only `app.rs` knows.

mod http;
mod jetstream;

pub use http::HttpFeed;
pub use jetstream::JetStreamFeed;

use uuid::Uuid;

use crate::bus::Bus;
use crate::log::{Log, LogPoint, Malformed, RecordedEvent};
use crate::sql::SqlError;

/// Most events that are taken at a time.
pub const MAX_PAGE: usize = 1_000;

/// Headers of a page of the replay endpoint: where the log ends, the hash there, and the log's id.
pub const HEAD: &str = "signpost-head";
/// See [`HEAD`].
pub const HEAD_HASH: &str = "signpost-head-hash";
/// See [`HEAD`].
pub const LOG_ID: &str = "signpost-log-id";

/// Why there are no events now.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The log's database has trouble.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The bus does not answer, or has no such stream.
    #[error("the stream cannot be read")]
    Bus(#[source] async_nats::Error),
    /// The owner's replay endpoint does not answer.
    #[error("the replay endpoint cannot be read")]
    Http(#[source] reqwest::Error),
    /// What came is not an event of a log.
    #[error("something in the feed is not an event")]
    Foreign(#[from] Malformed),
    /// The events of one page are those of several logs.
    #[error("the feed mixes the events of several logs")]
    Mixed,
}

/// Some events, and what is known of the log that they come from.
#[derive(Clone, Debug, Default)]
pub struct FeedPage {
    /// The events, in order.
    pub events: Vec<RecordedEvent>,
    /// The log's id, as far as the feed says it.
    pub log_id: Option<Uuid>,
    /// Where the log ended, by its owner's word; `None` from a copy.
    pub head: Option<LogPoint>,
}

impl FeedPage {
    /// Adds an event of a log.
    fn add(&mut self, (event, log_id): (RecordedEvent, Uuid)) -> Result<(), FeedError> {
        if *self.log_id.get_or_insert(log_id) != log_id {
            return Err(FeedError::Mixed);
        }
        self.events.push(event);
        Ok(())
    }
}

/// A source of events.
#[derive(Debug)]
pub enum Feed {
    /// The log itself, in the same process.
    Local(Log),
    /// The stream that the log is relayed to.
    JetStream(Box<JetStreamFeed>),
    /// The owner's `GET /events`.
    Http(HttpFeed),
}

impl Feed {
    /// What is followed, and who is asked where that has holes: the stream and the owner, or the owner alone.
    pub fn sources(bus: Option<&Bus>, stream: &str, owner: Option<Self>) -> Option<(Self, Option<Self>)> {
        match (bus, owner) {
            (Some(bus), owner) => Some((Self::JetStream(Box::new(JetStreamFeed::new(bus.clone(), stream))), owner)),
            (None, Some(owner)) => Some((owner, None)),
            (None, None) => None,
        }
    }

    /// Events behind `position`, in order, at most [`MAX_PAGE`]. Waits a little for the first; none means none yet.
    /// The stream may have holes: whoever asks must look at the positions.
    pub async fn next(&mut self, position: u64) -> Result<FeedPage, FeedError> {
        match self {
            Self::Local(log) => {
                let mut events = log.read_after(position, MAX_PAGE).await?;
                if events.is_empty() {
                    log.wait_beyond(position).await;
                    events = log.read_after(position, MAX_PAGE).await?;
                }
                let head = if events.is_empty() { Some(log.head().await?) } else { None };
                Ok(FeedPage { events, log_id: Some(log.identity().log_id), head })
            }
            Self::JetStream(feed) => feed.next(position).await,
            Self::Http(feed) => feed.next(position).await,
        }
    }
}
