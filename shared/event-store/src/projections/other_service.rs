//! The other service of the pair: it owns the log that this service follows, and follows the log of this one.

use super::followed_log::{FollowedLog, PATH, WitnessError};
use crate::feed::{Feed, FeedError, HttpFeed};
use crate::log::{Log, Testimony, Witness};
use crate::projections::checkpoint::Checkpoint;

/// How the other service is reached.
#[derive(Clone, Debug)]
pub enum OtherService {
    /// In the same process.
    Here {
        /// Its log.
        log: Log,
        /// The projection by which it follows this service's log.
        projection: &'static str,
    },
    /// By its API.
    There {
        /// Its address, such as `http://agents-service:8081`.
        url: String,
        /// The services' secret.
        token: String,
    },
}

impl OtherService {
    /// By its address and the services' secret. `None` where either is unknown.
    pub fn there(url: Option<&str>, token: Option<&str>) -> Option<Self> {
        Some(Self::There { url: url?.to_owned(), token: token?.to_owned() })
    }

    /// A feed of its log.
    pub fn feed(&self) -> Result<Feed, FeedError> {
        Ok(match self {
            Self::Here { log, .. } => Feed::Local(log.clone()),
            Self::There { url, token } => Feed::Http(HttpFeed::new(url, token)?),
        })
    }

    /// The witness of a log that it follows.
    pub fn witness(&self, log: &Log) -> Result<Witness, FeedError> {
        let (followed, reader) = (log.clone(), self.followed_log()?);
        Ok(Witness::new(log, move || {
            let (log, reader) = (followed.clone(), reader.clone());
            Box::pin(async move { reader.testimony(&log).await.unwrap_or(Testimony::Absent) })
        }))
    }

    fn followed_log(&self) -> Result<Reader, FeedError> {
        Ok(match self {
            Self::Here { log, projection } => {
                Reader::Here(Checkpoint::open_existing(log.database().clone(), projection))
            }
            Self::There { url, token } => {
                let client = reqwest::Client::builder().build().map_err(FeedError::Http)?;
                let url = format!("{}{PATH}", url.trim_end_matches('/'));
                Reader::There { client, url, token: token.clone() }
            }
        })
    }
}

/// Reads how far the other service has followed a log.
#[derive(Clone, Debug)]
enum Reader {
    Here(Checkpoint),
    There { client: reqwest::Client, url: String, token: String },
}

impl Reader {
    async fn testimony(&self, log: &Log) -> Result<Testimony, WitnessError> {
        let followed = match self {
            Self::Here(checkpoint) => FollowedLog::of(checkpoint).await?,
            Self::There { client, url, token } => {
                let answer = client.get(url).bearer_auth(token).send().await?.error_for_status()?;
                answer.json().await?
            }
        };
        Ok(followed.against(log).await?.map_or(Testimony::Nothing, Testimony::Against))
    }
}
