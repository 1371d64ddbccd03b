//! API tokens as they are listed, and as they are recognised: by their digest.

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::ids::from_hex;
use event_store::projections::EventEnvelope;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::{from_json, states, to_json};
use crate::paging::{Page, one_more};

states! {
    /// A token's state.
    State { Active = "active", Revoked = "revoked", }
}

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

static ADD: Sql = Sql::new(
    "INSERT INTO api_tokens{shadow} (token_id, position, state, name, scopes, digest, issued_at)
     VALUES ($1, $2, 'active', $3, $4, $5, $6)",
);
static REVOKE: Sql = Sql::new("UPDATE api_tokens{shadow} SET state = 'revoked' WHERE token_id = $1");
/// A token's revocation may be among the parked events, or in the part of the log that a halted projection lacks.
static FIND: Sql = Sql::new(
    "SELECT t.*,
         (c.halted IS NOT NULL OR EXISTS (
             SELECT 1 FROM parked_events s
             WHERE s.projection = 'directory' AND s.stream = 'token-' || {text_of t.token_id})) AS parked
     FROM checkpoints c JOIN api_tokens t ON t.digest = $1 AND t.state = 'active'
     WHERE c.projection = 'directory'",
);
/// What changes when a token is revoked, or when it is not known any more whether one was.
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

/// A token that was recognised.
#[derive(Clone, Debug)]
pub struct FoundToken {
    pub token: ApiToken,
    /// Whether it may have been revoked: its stream is parked, or the projection halted.
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

/// One token.
pub async fn get(database: &Database, token_id: Uuid) -> Result<Option<ApiToken>, SqlError> {
    database.row(&GET, &[token_id.into()]).await?.as_ref().map(ApiToken::read).transpose()
}

/// A page of tokens, oldest first.
pub async fn list(database: &Database, after: Option<u64>, limit: usize) -> Result<Page<ApiToken>, SqlError> {
    let rows = database.rows(&LIST, &[after.unwrap_or(0).into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| Ok((ApiToken::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

/// A digest that does not read is that of no token.
fn digest_of(text: &str) -> Vec<u8> {
    from_hex(text).unwrap_or_default()
}

pub(super) async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    match &followed.event {
        AgentsEvent::ApiTokenIssued(event) => {
            let values = [
                event.token_id.into(),
                followed.position.into(),
                Value::from(&event.name),
                to_json(&event.scopes)?.into(),
                digest_of(&event.digest).into(),
                followed.recorded_at.into(),
            ];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::ApiTokenRevoked(event) => {
            tx.execute(&REVOKE, &[event.token_id.into()]).await?;
        }
        _ => {}
    }
    Ok(())
}
