//! Where a follower gets events from: the log in the same process, the stream of the bus, or the owner's replay
//! endpoint. All three give the same events in the same order; which is in use, only `app.rs` knows.

mod http;
mod jetstream;

pub use http::HttpFeed;
pub use jetstream::JetStreamFeed;

use crate::log::{Log, Malformed, Recorded};
use crate::sql::SqlError;

/// Most events that are taken at a time.
pub const MAX_PAGE: usize = 1_000;

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
    /// The events are those of another log than before: a database was replaced.
    #[error("the feed belongs to another log")]
    OtherLog,
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
    /// Events behind `position`, in order, at most [`MAX_PAGE`]. Waits a little for the first; none means none yet.
    /// The stream may have holes: whoever asks must look at the positions.
    pub async fn next(&mut self, position: u64) -> Result<Vec<Recorded>, FeedError> {
        match self {
            Self::Local(log) => {
                let page = log.read_after(position, MAX_PAGE).await?;
                if !page.is_empty() {
                    return Ok(page);
                }
                log.wait_beyond(position).await;
                Ok(log.read_after(position, MAX_PAGE).await?)
            }
            Self::JetStream(feed) => feed.next(position).await,
            Self::Http(feed) => feed.next(position).await,
        }
    }
}
