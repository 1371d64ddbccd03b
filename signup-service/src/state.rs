use std::ops::Deref;
use std::sync::Arc;

use contract::clock::Clock;
use event_store::log::Log;
use event_store::projections::Checkpoint;
use event_store::sql::Database;
use web::http::{Authenticator, Caller, Problem, Streams};

use crate::challenges::pace::Pace;
use crate::counts::Counts;
use crate::handler::SignupWriter;
use crate::keys::queries::Keys;
use crate::limits::Limits;

/// The state of request handlers; clones share it.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

pub struct Parts {
    pub log: Log,
    pub keys: Keys,
    pub writer: SignupWriter,
    /// The checkpoint of the search words.
    pub words_checkpoint: Checkpoint,
    pub limits: Limits,
    pub pace: Pace,
    pub counts: Arc<Counts>,
    pub clock: Clock,
    /// The token of calls from the agents-service.
    pub service_token: Option<String>,
    pub streams: Streams,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub fn database(&self) -> &Database {
        self.log.database()
    }
}

impl Authenticator for AppState {
    async fn identify(&self, token: &str) -> Result<Option<Caller>, Problem> {
        match self.keys.token(token).await? {
            Some(token) if token.parked => Err(Problem::unavailable()),
            Some(token) => Ok(Some(Caller { actor: format!("token:{}", token.id), scopes: token.scopes })),
            None => Ok(None),
        }
    }

    async fn revocations(&self) -> Result<[u64; 3], Problem> {
        Ok(self.keys.revocations().await?)
    }
}
