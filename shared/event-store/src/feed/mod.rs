//! Sources of a projector's events: the log in the same process, the stream of the bus, or the owner's replay
//! endpoint. All three give the same events in the same order; only `app.rs` knows which is in use.

mod http;
mod jetstream;
mod page;

pub use http::HttpFeed;
pub use jetstream::JetStreamFeed;
pub use page::{FeedError, FeedPage, HEAD, HEAD_HASH, LOG_ID, MAX_PAGE, NEXT};

use crate::bus::Bus;
use crate::log::Log;

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
    /// The feed to follow, and the feed that fills its gaps: the stream and the owner, or the owner alone.
    pub fn sources(bus: Option<&Bus>, stream: &str, owner: Option<Self>) -> Option<(Self, Option<Self>)> {
        match (bus, owner) {
            (Some(bus), owner) => Some((Self::JetStream(Box::new(JetStreamFeed::new(bus.clone(), stream))), owner)),
            (None, Some(owner)) => Some((owner, None)),
            (None, None) => None,
        }
    }

    /// Events after `position`, in order, at most [`MAX_PAGE`]. Waits briefly for the first; an empty page means that
    /// there are none yet. The stream may have gaps: the caller must check the positions.
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
