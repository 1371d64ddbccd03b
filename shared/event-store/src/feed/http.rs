//! Events from their owner's replay endpoint: for gaps in the stream, and for times without the bus.

use std::time::Duration;

use reqwest::header::HeaderMap;

use super::page::{FeedError, FeedPage, HEAD, HEAD_HASH, LOG_ID, MAX_PAGE};
use crate::log::{LogPoint, RecordedEvent};

/// Longest wait for a page.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A client of `GET /api/v1/events`.
#[derive(Debug)]
pub struct HttpFeed {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl HttpFeed {
    /// A feed of the service at `base`, such as `http://agents-service:8081`.
    pub fn new(base: &str, token: &str) -> Result<Self, FeedError> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(FeedError::Http)?;
        let url = format!("{}/api/v1/events", base.trim_end_matches('/'));
        Ok(Self { client, url, token: token.to_owned() })
    }

    /// Events after `position`; does not wait for more.
    pub async fn next(&mut self, position: u64) -> Result<FeedPage, FeedError> {
        let url = format!("{}?after={position}&limit={MAX_PAGE}", self.url);
        let answer = self.client.get(url).bearer_auth(&self.token).send().await;
        let answer = answer.map_err(FeedError::Http)?;
        let head = head(answer.headers());
        let log_id = header(answer.headers(), LOG_ID);
        if answer.status() == reqwest::StatusCode::CONFLICT && head.is_some() {
            // The log ends before the position.
            return Ok(FeedPage { events: Vec::new(), log_id, head });
        }
        let answer = answer.error_for_status().map_err(FeedError::Http)?;
        let text = answer.text().await.map_err(FeedError::Http)?;
        let mut page = FeedPage { events: Vec::new(), log_id, head };
        for line in text.lines() {
            page.add(RecordedEvent::from_json(line)?)?;
        }
        Ok(page)
    }
}

/// The end of the log, from the owner's headers.
fn head(headers: &HeaderMap) -> Option<LogPoint> {
    Some(LogPoint { position: header(headers, HEAD)?, hash: header(headers, HEAD_HASH)? })
}

fn header<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
