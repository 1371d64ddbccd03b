use contract::clock::Moment;
use contract::events::webhooks::{WebhookLog, WebhookPauseCause};
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::{from_json, read_word, word};
use crate::paging::{Page, one_more};
use crate::webhooks::snapshot::State;

macro_rules! webhooks {
    ($rest:literal) => {
        Sql::new(concat!(
            "SELECT w.*, COALESCE(e.url, '') AS url, COALESCE(e.description, '') AS description
             FROM webhooks w LEFT JOIN webhook_endpoints e ON e.endpoint_id = w.endpoint_id WHERE ",
            $rest
        ))
    };
}
static GET: Sql = webhooks!("w.endpoint_id = $1");
static LIST: Sql = webhooks!("w.position > $1 ORDER BY w.position LIMIT $2");
static COUNT: Sql = Sql::new("SELECT COUNT(*) AS n FROM webhooks");
static CURSORS: Sql = Sql::new("SELECT * FROM webhook_cursors WHERE endpoint_id = $1 ORDER BY log");
static CURSOR: Sql = Sql::new("SELECT * FROM webhook_cursors WHERE endpoint_id = $1 AND log = $2");
static OLD_SECRET: Sql = Sql::new(
    "SELECT ends_at FROM webhook_secrets WHERE endpoint_id = $1 AND ends_at > $2 ORDER BY ends_at DESC LIMIT 1",
);

/// An endpoint, without its secrets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookItem {
    pub id: Uuid,
    pub version: u64,
    pub state: State,
    /// Null while events are sent.
    pub paused_because: Option<WebhookPauseCause>,
    pub url: String,
    pub host: String,
    pub description: String,
    pub logs: Vec<WebhookLog>,
    /// The types of events that are sent; empty for all.
    pub types: Vec<String>,
    pub added_at: Moment,
    pub changed_at: Moment,
    /// Where it is in each log.
    pub cursors: Vec<CursorItem>,
    /// Until then the secret before the current one signs too.
    pub old_secret_ends_at: Option<Moment>,
}

/// How far an endpoint is in a log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookCursor")]
pub struct CursorItem {
    pub log: WebhookLog,
    /// The last event that was delivered, or that the endpoint does not get.
    pub position: u64,
    /// Failed attempts at the next one.
    pub attempts: u64,
    /// Since when every attempt failed.
    pub failing_since: Option<Moment>,
    pub attempted_at: Option<Moment>,
    pub next_attempt_at: Option<Moment>,
    /// Why nothing is sent: the log is not the one that was sent before. A replay from a position of this log mends it.
    pub fault: Option<String>,
}

impl CursorItem {
    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            log: read_word(row.text("log")?, "log")?,
            position: row.count("position")?,
            attempts: row.count("attempts")?,
            failing_since: row.opt_moment("failing_since")?,
            attempted_at: row.opt_moment("attempted_at")?,
            next_attempt_at: row.opt_moment("next_attempt_at")?,
            fault: row.opt_text("fault")?,
        })
    }
}

async fn read(database: &Database, row: &Row, now: Moment) -> Result<WebhookItem, SqlError> {
    let id = row.uuid("endpoint_id")?;
    let cursors = database.rows(&CURSORS, &[id.into()]).await?;
    let old_secret = database.row(&OLD_SECRET, &[id.into(), now.into()]).await?;
    Ok(WebhookItem {
        id,
        version: row.count("version")?,
        state: row.parsed("state")?,
        paused_because: row.opt_text("cause")?.map(|cause| read_word(cause, "cause")).transpose()?,
        url: row.text("url")?,
        host: row.text("host")?,
        description: row.text("description")?,
        logs: from_json(row, "logs")?,
        types: from_json(row, "types")?,
        added_at: row.moment("added_at")?,
        changed_at: row.moment("changed_at")?,
        cursors: cursors.iter().map(CursorItem::read).collect::<Result<_, _>>()?,
        old_secret_ends_at: old_secret.map(|row| row.moment("ends_at")).transpose()?,
    })
}

pub async fn get(database: &Database, endpoint_id: Uuid, now: Moment) -> Result<Option<WebhookItem>, SqlError> {
    match database.row(&GET, &[endpoint_id.into()]).await? {
        Some(row) => read(database, &row, now).await.map(Some),
        None => Ok(None),
    }
}

/// A page of endpoints, oldest first.
pub async fn list(
    database: &Database,
    after: Option<u64>,
    limit: usize,
    now: Moment,
) -> Result<Page<WebhookItem>, SqlError> {
    let mut items = Vec::new();
    for row in database.rows(&LIST, &[after.unwrap_or(0).into(), one_more(limit).into()]).await? {
        items.push((read(database, &row, now).await?, row.int("position")?.to_string()));
    }
    Ok(Page::of(items, limit))
}

/// How many endpoints there are.
pub async fn count(database: &Database) -> Result<u64, SqlError> {
    database.row(&COUNT, &[]).await?.map_or(Ok(0), |row| row.count("n"))
}

/// Where an endpoint is in a log; `None` where it gets no events of it.
pub async fn cursor(database: &Database, endpoint_id: Uuid, log: WebhookLog) -> Result<Option<CursorItem>, SqlError> {
    let row = database.row(&CURSOR, &[endpoint_id.into(), word(&log).into()]).await?;
    row.as_ref().map(CursorItem::read).transpose()
}
