//! URLs and secrets. They are in no event: a command writes them in the transaction of its event.

use contract::clock::Moment;
use contract::ids::new_id;
use event_store::sql::{Database, Sql, SqlError, Value};
use uuid::Uuid;

use crate::webhooks::secret::Secret;

/// A statement that a command runs beside its event.
pub type Beside = (&'static Sql, Vec<Value>);

static PUT: Sql = Sql::new(
    "INSERT INTO webhook_endpoints (endpoint_id, url, description) VALUES ($1, COALESCE($2, ''), COALESCE($3, ''))
     ON CONFLICT (endpoint_id) DO UPDATE SET url = COALESCE($2, webhook_endpoints.url),
         description = COALESCE($3, webhook_endpoints.description)",
);
static ADD_SECRET: Sql =
    Sql::new("INSERT INTO webhook_secrets (secret_id, endpoint_id, secret, made_at) VALUES ($1, $2, $3, $4)");
static END_SECRET: Sql = Sql::new("UPDATE webhook_secrets SET ends_at = $2 WHERE endpoint_id = $1 AND ends_at IS NULL");
static FORGET_OLD_SECRETS: Sql = Sql::new("DELETE FROM webhook_secrets WHERE endpoint_id = $1 AND ends_at IS NOT NULL");
static LIVE_SECRETS: Sql = Sql::new(
    "SELECT secret FROM webhook_secrets WHERE endpoint_id = $1 AND (ends_at IS NULL OR ends_at > $2)
     ORDER BY made_at DESC, secret_id DESC",
);
static REMOVE: [Sql; 4] = [
    Sql::new("DELETE FROM webhook_endpoints WHERE endpoint_id = $1"),
    Sql::new("DELETE FROM webhook_secrets WHERE endpoint_id = $1"),
    Sql::new("DELETE FROM webhook_cursors WHERE endpoint_id = $1"),
    Sql::new("DELETE FROM webhook_attempts WHERE endpoint_id = $1"),
];

/// Sets URL and description; what is absent stays.
pub fn put(endpoint_id: Uuid, url: Option<String>, description: Option<String>) -> Beside {
    (&PUT, vec![endpoint_id.into(), url.into(), description.into()])
}

/// Adds a secret.
pub fn add_secret(endpoint_id: Uuid, secret: &Secret, now: Moment) -> Beside {
    (&ADD_SECRET, vec![new_id().into(), endpoint_id.into(), secret.to_store(), now.into()])
}

/// Replaces the current secret by another one. The old one signs until it ends, those before it sign no more.
pub fn rotate(endpoint_id: Uuid, secret: &Secret, now: Moment, old_ends_at: Moment) -> Vec<Beside> {
    vec![
        (&FORGET_OLD_SECRETS, vec![endpoint_id.into()]),
        (&END_SECRET, vec![endpoint_id.into(), old_ends_at.into()]),
        add_secret(endpoint_id, secret, now),
    ]
}

/// Removes all that stands beside the log.
pub fn remove(endpoint_id: Uuid) -> Vec<Beside> {
    REMOVE.iter().map(|sql| (sql, vec![endpoint_id.into()])).collect()
}

/// The secrets that an attempt is signed with now, the newest first.
pub async fn live_secrets(database: &Database, endpoint_id: Uuid, now: Moment) -> Result<Vec<Secret>, SqlError> {
    let rows = database.rows(&LIVE_SECRETS, &[endpoint_id.into(), now.into()]).await?;
    rows.iter().map(|row| Ok(Secret::stored(row.bytes("secret")?))).collect()
}
