use contract::ids::digest_bytes;
use web::http::{Authenticator, Caller, Problem};

use crate::api_tokens::queries::{self, FoundToken};
use crate::state::AppState;

impl Authenticator for AppState {
    async fn identify(&self, token: &str) -> Result<Option<Caller>, Problem> {
        match queries::find(self.database(), digest_bytes(token)).await? {
            Some(found) if found.parked => Err(Problem::unavailable()),
            Some(FoundToken { token, .. }) => {
                Ok(Some(Caller { actor: format!("token:{}", token.id), scopes: token.scopes }))
            }
            None => Ok(None),
        }
    }

    async fn revocations(&self) -> Result<[u64; 3], Problem> {
        // Another process may have applied the events, so open pages are notified here.
        for projection in [Some(&self.directory), self.sales.as_ref()].into_iter().flatten() {
            projection.refresh().await?;
        }
        Ok(queries::revocations(self.database()).await?)
    }
}
