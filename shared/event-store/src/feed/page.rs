use uuid::Uuid;

use crate::log::{LogPoint, Malformed, RecordedEvent};
use crate::sql::SqlError;

/// Most events of a page.
pub const MAX_PAGE: usize = 1_000;

/// Headers of a page of the replay endpoint: the log's last position, the hash there, and the log's id.
pub const HEAD: &str = "signpost-head";
/// See [`HEAD`].
pub const HEAD_HASH: &str = "signpost-head-hash";
/// The header with the position behind which the next page begins.
pub const NEXT: &str = "signpost-next";
/// See [`HEAD`].
pub const LOG_ID: &str = "signpost-log-id";

/// Why there are no events now.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The log's database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The bus does not respond, or has no such stream.
    #[error("the stream cannot be read")]
    Bus(#[source] async_nats::Error),
    /// The owner's replay endpoint does not respond.
    #[error("the replay endpoint cannot be read")]
    Http(#[source] reqwest::Error),
    /// Something other than an event of a log.
    #[error("something in the feed is not an event")]
    Foreign(#[from] Malformed),
    /// The events of one page come from several logs.
    #[error("the feed mixes the events of several logs")]
    Mixed,
}

/// A page of events, and facts about their log.
#[derive(Clone, Debug, Default)]
pub struct FeedPage {
    /// The events, in order.
    pub events: Vec<RecordedEvent>,
    /// The log's id, where the feed states it.
    pub log_id: Option<Uuid>,
    /// The end of the log; `None` where the feed is a copy of the log.
    pub head: Option<LogPoint>,
}

impl FeedPage {
    /// Adds an event of a log.
    pub(super) fn add(&mut self, (event, log_id): (RecordedEvent, Uuid)) -> Result<(), FeedError> {
        if *self.log_id.get_or_insert(log_id) != log_id {
            return Err(FeedError::Mixed);
        }
        self.events.push(event);
        Ok(())
    }
}
