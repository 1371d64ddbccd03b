//! The events of a log as it is now: read from the log itself, or from its owner.

use contract::events::webhooks::WebhookLog;
use event_store::feed::{FeedError, FeedPage, HttpFeed};
use event_store::log::{Identity, Log, LogPoint, RecordedEvent};
use event_store::projections::OtherService;
use web::http::Problem;

use crate::state::AppState;

/// Events that are read at once from a log in the same process.
const AT_ONCE: usize = 100;
/// Beyond the end of every log.
const BEYOND: u64 = i64::MAX.unsigned_abs();

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// Neither the log nor its owner is known here.
    #[error("the signups' log is not configured")]
    NotConfigured,
}

impl From<event_store::sql::SqlError> for SourceError {
    fn from(error: event_store::sql::SqlError) -> Self {
        Self::Feed(error.into())
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        tracing::warn!(error = event_store::health::with_causes(&error), "the events of a log cannot be read");
        Self::unavailable()
    }
}

/// Where the events of a log come from.
pub enum Source {
    Here(Log),
    There(Box<HttpFeed>),
}

impl Source {
    pub fn of(app: &AppState, log: WebhookLog) -> Result<Self, SourceError> {
        match (log, &app.signups) {
            (WebhookLog::Agents, _) => Ok(Self::Here(app.log.clone())),
            (WebhookLog::Signups, Some(OtherService::Here { log, .. })) => Ok(Self::Here(log.clone())),
            (WebhookLog::Signups, Some(OtherService::There { url, token })) => {
                Ok(Self::There(Box::new(HttpFeed::new(url, token)?)))
            }
            (WebhookLog::Signups, None) => Err(SourceError::NotConfigured),
        }
    }

    /// Events after a position, in order and without gaps; where there are none, the end of the log.
    pub async fn after(&mut self, position: u64) -> Result<FeedPage, SourceError> {
        match self {
            Self::Here(log) => {
                let events = log.read_after(position, AT_ONCE).await?;
                let head = if events.is_empty() { Some(log.head().await?) } else { None };
                Ok(FeedPage { events, log_id: Some(log.identity().log_id), head })
            }
            Self::There(feed) => Ok(feed.next(position).await?),
        }
    }

    /// The end of the log.
    pub async fn head(&mut self) -> Result<LogPoint, SourceError> {
        match self {
            Self::Here(log) => Ok(log.head().await?),
            Self::There(feed) => {
                let page = feed.next(BEYOND).await?;
                page.head.ok_or(SourceError::NotConfigured)
            }
        }
    }

    /// The event at a position.
    pub async fn at(&mut self, position: u64) -> Result<Option<RecordedEvent>, SourceError> {
        let Some(before) = position.checked_sub(1) else { return Ok(None) };
        match self {
            Self::Here(log) => Ok(log.get(position).await?),
            Self::There(feed) => {
                let events = feed.next(before).await?.events;
                Ok(events.into_iter().next().filter(|event| event.position == position))
            }
        }
    }

    /// The point at a position; `None` beyond the end.
    pub async fn point(&mut self, position: u64) -> Result<Option<LogPoint>, SourceError> {
        if position == 0 {
            return Ok(Some(LogPoint::START));
        }
        Ok(self.at(position).await?.as_ref().map(LogPoint::of))
    }
}

/// The identity of a log, as the envelopes of its events state it.
pub fn identity(log: WebhookLog, page: &FeedPage) -> Option<Identity> {
    let service = match log {
        WebhookLog::Agents => "agents",
        WebhookLog::Signups => "signups",
    };
    Some(Identity { service, log_id: page.log_id? })
}
