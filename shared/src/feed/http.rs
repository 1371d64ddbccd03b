//! Events from their owner's replay endpoint: for holes in the stream, and for when the bus is down.

use std::time::Duration;

use uuid::Uuid;

use super::{FeedError, MAX_PAGE};
use crate::log::Recorded;

/// Longest wait for a page.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A client of `GET /api/v1/events`.
#[derive(Debug)]
pub struct HttpFeed {
    client: reqwest::Client,
    url: String,
    token: String,
    log_id: Option<Uuid>,
}

impl HttpFeed {
    /// A feed of the service at `base`, such as `http://agents-service:8081`.
    pub fn new(base: &str, token: &str) -> Result<Self, FeedError> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(FeedError::Http)?;
        let url = format!("{}/api/v1/events", base.trim_end_matches('/'));
        Ok(Self { client, url, token: token.to_owned(), log_id: None })
    }

    /// Events behind `position`; does not wait for more.
    pub async fn next(&mut self, position: u64) -> Result<Vec<Recorded>, FeedError> {
        let url = format!("{}?after={position}&limit={MAX_PAGE}", self.url);
        let answer = self.client.get(url).bearer_auth(&self.token).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).map_err(FeedError::Http)?;
        let text = answer.text().await.map_err(FeedError::Http)?;
        text.lines().map(|line| self.read(line)).collect()
    }

    fn read(&mut self, line: &str) -> Result<Recorded, FeedError> {
        let (event, log_id) = Recorded::from_json(line)?;
        if *self.log_id.get_or_insert(log_id) == log_id { Ok(event) } else { Err(FeedError::OtherLog) }
    }
}
