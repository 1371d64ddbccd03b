//! Parked events: an event that a projection could not apply, and all later events of its stream. They are stored,
//! listed, retried, or dropped with a reason, while the rest of the log is applied.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::projection::{Projection, read_all};
use crate::log::{Identity, RecordedEvent};
use crate::sql::{Database, Row, Sql, SqlError, Tx};
use contract::clock::{Clock, Moment};

static STREAMS: Sql = Sql::new("SELECT DISTINCT stream FROM parked_events WHERE projection = $1");
static LACKS: Sql = Sql::new(
    "SELECT c.halted IS NOT NULL OR EXISTS (
         SELECT 1 FROM parked_events s WHERE s.projection = c.projection AND s.stream = $2) AS lacks
     FROM checkpoints c WHERE c.projection = $1",
);
static ADD: Sql = Sql::new(
    "INSERT INTO parked_events (projection, position, stream, event, error, parked_at) VALUES ($1, $2, $3, $4, $5, $6)",
);
static LIST: Sql = Sql::new(
    "SELECT projection, position, stream, event, error, parked_at FROM parked_events ORDER BY projection, position",
);
static OF_STREAM: Sql =
    Sql::new("SELECT position, event FROM parked_events WHERE projection = $1 AND stream = $2 ORDER BY position");
static OF_VIEW: Sql = Sql::new("SELECT position, event FROM parked_events WHERE projection = $1");
static FORGET: Sql = Sql::new("DELETE FROM parked_events WHERE projection = $1 AND position = $2");
/// A retry may change any row, so caches must be invalidated as a whole. It is the first statement of a retry: it
/// locks the checkpoint, so that no projector parks more events until the commit.
static CHANGED: Sql = Sql::new("UPDATE checkpoints SET generation = generation + 1 WHERE projection = $1");
static REMOVE: Sql = Sql::new("DELETE FROM parked_events WHERE projection = $1 AND stream = $2");

/// A parked event, as the operator sees it.
#[derive(Clone, Debug)]
pub struct ParkedEvent {
    /// The projection that could not apply it.
    pub view: String,
    /// Its position in the log.
    pub position: u64,
    /// The parked stream.
    pub stream: String,
    /// Why; later events of the stream say that they wait behind it.
    pub error: String,
    /// When it was parked.
    pub parked_at: Moment,
}

/// All parked events of a database.
pub async fn list(database: &Database) -> Result<Vec<ParkedEvent>, SqlError> {
    let rows = database.rows(&LIST, &[]).await?;
    let parked = rows.iter().map(|row| {
        Ok(ParkedEvent {
            view: row.text("projection")?,
            position: row.count("position")?,
            stream: row.text("stream")?,
            error: row.text("error")?,
            parked_at: row.moment("parked_at")?,
        })
    });
    parked.collect()
}

/// Whether a projection may lack events of a stream because they are parked, or because it has halted. Permissions
/// must not be decided by the projection then.
pub async fn may_lack<V: Projection>(database: &Database, stream: &str) -> Result<bool, SqlError> {
    let row = database.row(&LACKS, &[V::NAME.into(), stream.into()]).await?;
    row.map_or(Ok(true), |row| row.flag("lacks"))
}

/// The parked streams of a projection.
pub(super) async fn streams(tx: &mut Tx, view: &str) -> Result<HashSet<String>, SqlError> {
    tx.rows(&STREAMS, &[view.into()]).await?.iter().map(|row| row.text("stream")).collect()
}

/// The ids of a projection's parked events, by position.
pub(super) async fn event_ids(tx: &mut Tx, view: &str) -> Result<BTreeMap<u64, Uuid>, SqlError> {
    let rows = tx.rows(&OF_VIEW, &[view.into()]).await?;
    rows.iter().map(|row| Ok((row.count("position")?, read(row)?.event_id))).collect()
}

/// Removes the parked event at a position that is no longer part of the projection's history.
pub(super) async fn forget(tx: &mut Tx, view: &str, position: u64) -> Result<(), SqlError> {
    tx.execute(&FORGET, &[view.into(), position.into()]).await.map(drop)
}

fn read(row: &Row) -> Result<RecordedEvent, SqlError> {
    let unreadable = |_| SqlError::Column { column: "event".to_owned() };
    RecordedEvent::from_json(&row.text("event")?).map(|(event, _)| event).map_err(unreadable)
}

/// Parks one event.
pub(super) async fn park(
    tx: &mut Tx,
    view: &str,
    event: &RecordedEvent,
    error: &str,
    clock: &Clock,
) -> Result<(), SqlError> {
    // Only the retry reads the copy, so the log's identity does not matter.
    let identity = Identity { service: "parked", log_id: event.event_id };
    let text = event.to_json(&identity).map_err(|_| SqlError::Column { column: "event".to_owned() })?;
    let values = [
        view.into(),
        event.position.into(),
        event.stream.as_str().into(),
        text.into(),
        error.into(),
        clock.now().into(),
    ];
    tx.execute(&ADD, &values).await?;
    tx.execute(&CHANGED, &[view.into()]).await?;
    metrics::counter!("signpost_parked_events_total", "view" => view.to_owned()).increment(1);
    Ok(())
}

/// Applies a stream's parked events, all or none; returns their number.
pub async fn retry<V: Projection>(view: &V, database: &Database, stream: &str) -> Result<usize, SqlError> {
    let mut tx = database.begin().await?;
    tx.execute(&CHANGED, &[V::NAME.into()]).await?;
    let rows = tx.rows(&OF_STREAM, &[V::NAME.into(), stream.into()]).await?;
    let events = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let followed = read_all::<V>(&events).map_err(|_| SqlError::Column { column: "event".to_owned() })?;
    view.apply(&mut tx, &followed).await?;
    tx.execute(&REMOVE, &[V::NAME.into(), stream.into()]).await?;
    tx.commit().await?;
    Ok(events.len())
}

/// Drops a stream's parked events; the reason goes to the program's log. Returns their number.
pub async fn drop_stream<V: Projection>(database: &Database, stream: &str, reason: &str) -> Result<u64, SqlError> {
    let mut tx = database.begin().await?;
    tx.execute(&CHANGED, &[V::NAME.into()]).await?;
    let dropped = tx.execute(&REMOVE, &[V::NAME.into(), stream.into()]).await?;
    tx.commit().await?;
    tracing::warn!(view = V::NAME, stream, dropped, reason, "parked events were dropped");
    Ok(dropped)
}
