//! The last attempts of each endpoint. Of an answer only its status is kept.

use contract::clock::Moment;
use contract::events::webhooks::WebhookLog;
use contract::ids::new_id;
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::{read_word, word};
use crate::paging::{Page, one_more};
use crate::webhooks::delivery::{Attempted, Outcome};

/// Attempts of an endpoint that are kept.
pub const MAX_KEPT: u64 = 100;

static ADD: Sql = Sql::new(
    "INSERT INTO webhook_attempts
         (attempt_id, endpoint_id, log, position, event_id, number, started_at, took_ms, outcome, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
static TRIM: Sql = Sql::new(
    "DELETE FROM webhook_attempts WHERE endpoint_id = $1 AND attempt_id NOT IN (
         SELECT attempt_id FROM webhook_attempts WHERE endpoint_id = $1 ORDER BY attempt_id DESC LIMIT $2)",
);
static NEWEST: Sql = Sql::new(
    "SELECT * FROM webhook_attempts WHERE endpoint_id = $1 AND ($2 IS NULL OR attempt_id < $2)
     ORDER BY attempt_id DESC LIMIT $3",
);

/// An attempt to send an event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookAttempt")]
pub struct Attempt {
    pub id: Uuid,
    /// Null for a test event, which is in no log.
    pub log: Option<WebhookLog>,
    pub position: Option<u64>,
    /// The id of the event, as `webhook-id` has it.
    pub event_id: Uuid,
    /// Counts the attempts at this event.
    pub number: u64,
    pub started_at: Moment,
    pub took_ms: u64,
    /// `delivered`, `refused` by a status outside 200 to 299, or why there was no answer: `address_refused`, `unresolved`,
    /// `unreachable`, `tls_failed`, `timed_out`, `not_http`.
    pub outcome: String,
    /// The answer's status, where there was an answer.
    pub status: Option<u64>,
}

/// What was sent: the log and the position of an event, or neither for a test event.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub endpoint_id: Uuid,
    pub event: Option<(WebhookLog, u64)>,
    pub event_id: Uuid,
    pub number: u64,
}

/// Adds an attempt, and removes the oldest beyond the limit.
pub async fn add(tx: &mut Tx, subject: Subject, attempted: &Attempted) -> Result<(), SqlError> {
    let (log, position) = subject.event.unzip();
    let values = [
        new_id().into(),
        subject.endpoint_id.into(),
        log.map(|log| word(&log)).into(),
        position.into(),
        subject.event_id.into(),
        subject.number.into(),
        attempted.started_at.into(),
        attempted.took_ms.into(),
        attempted.outcome.word().into(),
        attempted.outcome.status().map(u64::from).into(),
    ];
    tx.execute(&ADD, &values).await?;
    tx.execute(&TRIM, &[subject.endpoint_id.into(), MAX_KEPT.into()]).await?;
    metrics::counter!("signpost_webhook_attempts_total", "outcome" => Outcome::word(&attempted.outcome)).increment(1);
    Ok(())
}

/// A page of an endpoint's attempts, newest first; the cursor is the id of the last one shown.
pub async fn newest(
    database: &Database,
    endpoint_id: Uuid,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Page<Attempt>, SqlError> {
    let rows = database.rows(&NEWEST, &[endpoint_id.into(), before.into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| {
        let attempt = read(row)?;
        let cursor = attempt.id.to_string();
        Ok((attempt, cursor))
    });
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

fn read(row: &Row) -> Result<Attempt, SqlError> {
    Ok(Attempt {
        id: row.uuid("attempt_id")?,
        log: row.opt_text("log")?.map(|log| read_word(log, "log")).transpose()?,
        position: row.opt_count("position")?,
        event_id: row.uuid("event_id")?,
        number: row.count("number")?,
        started_at: row.moment("started_at")?,
        took_ms: row.count("took_ms")?,
        outcome: row.text("outcome")?,
        status: row.opt_count("status")?,
    })
}
