//! An example that was interrupted is half a company, and looks like a whole one. While it is made, an active API token marks it.

use agents_service::api_tokens::queries;
use agents_service::api_tokens::snapshot::State;
use event_store::sql::{Database, SqlError};
use serde_json::json;

use super::company::{Company, text};

const NAME: &str = "example that is not complete";
/// A token has a scope; nobody gets to know this one.
const SCOPE: &str = "plans:read";
/// The mark is among the first tokens.
const FIRST_TOKENS: usize = 10;

/// Marks the example; returns the path of the mark.
pub async fn mark(company: &Company) -> anyhow::Result<String> {
    let issued = company.post("api-tokens", &json!({ "name": NAME, "scopes": [SCOPE] })).await?;
    Ok(format!("api-tokens/{}", text(&issued, "id")))
}

/// Takes the mark away.
pub async fn complete(company: &Company, mark: &str) -> anyhow::Result<()> {
    company.delete(mark).await.map(drop)
}

/// Whether a database holds an example that is not complete.
pub async fn is_marked(database: &Database) -> Result<bool, SqlError> {
    let tokens = queries::list(database, None, FIRST_TOKENS).await?;
    Ok(tokens.items.iter().any(|token| token.name == NAME && token.state == State::Active))
}
