//! What the service that follows a log says of it: it keeps position and hash, so a log that does not contain them lost events,
//! or is another. The log's writer asks it, as it asks the stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::Checkpoint;
use crate::feed::FeedError;
use crate::log::{EventHash, Log, LogPoint, NotAHash, Testimony, Witness};
use crate::sql::SqlError;

/// Where a service says how far it has followed the other one's log.
pub const PATH: &str = "/api/v1/followed";
/// Longest wait for the service's word. While it does not answer, the log is written.
const PATIENCE: Duration = Duration::from_secs(1);
/// Pause before a service that did not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// The other service, where it shares the process.
#[derive(Clone, Debug)]
pub struct Sister {
    /// Its log.
    pub log: Log,
    /// The projection by which it follows this service's log.
    pub projection: &'static str,
}

/// How far a service has followed another's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FollowedLog {
    /// The id of the log; null before its first event.
    pub log_id: Option<Uuid>,
    /// The last position that was applied; 0 before the first.
    pub position: u64,
    /// The hash of the event there, in lower-case hex.
    pub hash: String,
}

impl FollowedLog {
    /// Of a projection; at the start where it was never begun.
    pub async fn of(checkpoint: &Checkpoint) -> Result<Self, SqlError> {
        let state = checkpoint.read_if_any().await?;
        let (log_id, point) = state.map_or((None, LogPoint::START), |state| (state.log_id, state.point));
        Ok(Self { log_id, position: point.position, hash: point.hash.to_string() })
    }

    /// Of a service that follows nothing.
    pub fn nothing() -> Self {
        Self { log_id: None, position: 0, hash: LogPoint::START.hash.to_string() }
    }

    /// What is wrong with a log that should be the followed one; nothing where it contains what was followed.
    pub async fn against(&self, log: &Log) -> Result<Option<String>, WitnessError> {
        let (Some(followed), own) = (self.log_id, log.identity().log_id) else { return Ok(None) };
        let position = self.position;
        if followed != own {
            return Ok(Some(format!("log {followed} was followed up to position {position}, and this is log {own}")));
        }
        let hash: EventHash = self.hash.parse()?;
        let fault = log.contains(LogPoint { position, hash }).await?.fault(position);
        Ok(fault.map(|fault| format!("{fault}, which was followed: it lost events")))
    }
}

/// Why nobody knows what a service has followed.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A database has trouble.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The service does not answer.
    #[error("the service that follows the log cannot be asked")]
    Http(#[from] reqwest::Error),
    /// What it says makes no sense.
    #[error(transparent)]
    Hash(#[from] NotAHash),
}

/// The service that follows a log.
#[derive(Clone, Debug)]
pub enum FollowingService {
    /// In the same process.
    Here(Checkpoint),
    /// By its API.
    There {
        /// With the time limit of [`PATIENCE`].
        client: reqwest::Client,
        /// The whole address.
        url: String,
        /// The services' secret.
        token: String,
    },
}

impl FollowingService {
    /// In the same process, or by its address and the services' token. None where neither is known.
    pub fn of(sister: Option<&Sister>, url: Option<&str>, token: Option<&str>) -> Result<Option<Self>, FeedError> {
        Ok(match (sister, url, token) {
            (Some(Sister { log, projection }), _, _) => {
                Some(Self::Here(Checkpoint::open_existing(log.database().clone(), projection)))
            }
            (None, Some(base), Some(token)) => {
                let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(FeedError::Http)?;
                let url = format!("{}{PATH}", base.trim_end_matches('/'));
                Some(Self::There { client, url, token: token.to_owned() })
            }
            (None, _, _) => None,
        })
    }

    async fn followed(&self) -> Result<FollowedLog, WitnessError> {
        match self {
            Self::Here(checkpoint) => Ok(FollowedLog::of(checkpoint).await?),
            Self::There { client, url, token } => {
                let answer = client.get(url).bearer_auth(token).send().await?.error_for_status()?;
                Ok(answer.json().await?)
            }
        }
    }
}

/// The service that follows the log as a witness. Nobody waits for one that is away: it is asked on, and halts the log when it
/// then speaks against it.
pub fn witness(log: &Log, service: FollowingService) -> Witness {
    let asking =
        Arc::new(Asking { log: log.clone(), service, is_asked_on: AtomicBool::new(false), runtime: Handle::current() });
    Arc::new(move || {
        let asking = Arc::clone(&asking);
        Box::pin(async move {
            if asking.is_asked_on.load(Ordering::Relaxed) {
                return Testimony::Absent;
            }
            let testimony = asking.ask().await;
            testimony.unwrap_or_else(|| {
                asking.ask_on();
                Testimony::Absent
            })
        })
    })
}

struct Asking {
    log: Log,
    service: FollowingService,
    is_asked_on: AtomicBool,
    /// The writer has a runtime of its own, which must not wait for anything else.
    runtime: Handle,
}

impl Asking {
    /// What the service says, if it answers.
    async fn ask(&self) -> Option<Testimony> {
        let followed = tokio::time::timeout(PATIENCE, self.service.followed()).await.ok()?.ok()?;
        let against = followed.against(&self.log).await.ok()?;
        Some(against.map_or(Testimony::Nothing, Testimony::Against))
    }

    fn ask_on(self: Arc<Self>) {
        if self.is_asked_on.swap(true, Ordering::Relaxed) {
            return;
        }
        self.runtime.clone().spawn(async move {
            loop {
                tokio::time::sleep(ASK_AGAIN).await;
                match self.ask().await {
                    Some(Testimony::Against(reason)) if self.log.halt(&reason).await.is_err() => {}
                    Some(_) => break,
                    None => {}
                }
            }
            self.is_asked_on.store(false, Ordering::Relaxed);
        });
    }
}
