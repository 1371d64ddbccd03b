use contract::clock::Moment;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::api_tokens::snapshot::State;
use crate::columns::from_json;
use crate::paging::{Page, one_more};

/// An API token, without the token itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiToken")]
pub struct ApiToken {
    pub id: Uuid,
    pub name: String,
    pub scopes: Vec<String>,
    pub state: State,
    pub issued_at: Moment,
}

/// A token's revocation may be among the parked events, or in the part of the log that a halted projection lacks.
static FIND: Sql = Sql::new(
    "SELECT t.*,
         (c.halted IS NOT NULL OR EXISTS (
             SELECT 1 FROM parked_events s
             WHERE s.projection = 'directory' AND s.stream = 'token-' || {text_of t.token_id})) AS parked
     FROM checkpoints c JOIN api_tokens t ON t.digest = $1 AND t.state = 'active'
     WHERE c.projection = 'directory'",
);

/// Changes when a token is revoked, and when it is uncertain whether one was.
static REVOCATIONS: Sql = Sql::new(
    "SELECT c.generation,
         (SELECT COUNT(*) FROM api_tokens WHERE state = 'revoked') AS revoked,
         (SELECT COUNT(*) FROM parked_events WHERE projection = 'directory') AS parked
     FROM checkpoints c WHERE c.projection = 'directory'",
);

static GET: Sql = Sql::new("SELECT * FROM api_tokens WHERE token_id = $1");
static LIST: Sql = Sql::new("SELECT * FROM api_tokens WHERE position > $1 ORDER BY position LIMIT $2");

impl ApiToken {
    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.uuid("token_id")?,
            name: row.text("name")?,
            scopes: from_json(row, "scopes")?,
            state: row.parsed("state")?,
            issued_at: row.moment("issued_at")?,
        })
    }
}

#[derive(Clone, Debug)]
pub struct FoundToken {
    pub token: ApiToken,
    /// Whether it may have been revoked: its stream is parked, or the projection has halted.
    pub parked: bool,
}

/// The active token with this digest.
pub async fn find(database: &Database, digest: [u8; 32]) -> Result<Option<FoundToken>, SqlError> {
    let Some(row) = database.row(&FIND, &[digest.into()]).await? else { return Ok(None) };
    Ok(Some(FoundToken { token: ApiToken::read(&row)?, parked: row.flag("parked")? }))
}

/// See [`web::http::Authenticator::revocations`].
pub async fn revocations(database: &Database) -> Result<[u64; 3], SqlError> {
    let Some(row) = database.row(&REVOCATIONS, &[]).await? else { return Ok([0; 3]) };
    Ok([row.count("generation")?, row.count("revoked")?, row.count("parked")?])
}

pub async fn get(database: &Database, token_id: Uuid) -> Result<Option<ApiToken>, SqlError> {
    database.row(&GET, &[token_id.into()]).await?.as_ref().map(ApiToken::read).transpose()
}

/// A page of tokens, oldest first.
pub async fn list(database: &Database, after: Option<u64>, limit: usize) -> Result<Page<ApiToken>, SqlError> {
    let rows = database.rows(&LIST, &[after.unwrap_or(0).into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| Ok((ApiToken::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}
