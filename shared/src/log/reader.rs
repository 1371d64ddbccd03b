//! Reading the log: by position, by stream, and waiting for more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::event::{Identity, Recorded, START_HASH};
use super::recent::Recent;
use crate::events::{Contract, Misfit};
use crate::ids::new_id;
use crate::sql::{Database, Dialect, Kind, Row, Sql, SqlError, Tx};

/// How soon appends of other processes are seen where there may be others.
const POLL_SHARED: Duration = Duration::from_millis(15);
/// How soon appends of other processes are seen on SQLite, where there are none but the operator's commands.
const POLL_ALONE: Duration = Duration::from_millis(250);

static MAKE_HEAD: Sql =
    Sql::new("INSERT INTO log_head (id, position, log_id, hash) VALUES (1, 0, $1, $2) ON CONFLICT (id) DO NOTHING");
static HEAD: Sql = Sql::new("SELECT position, log_id, hash FROM log_head WHERE id = 1");
static AFTER: Sql = Sql::new(
    "SELECT position, event_id, stream, version, type, subject, data, recorded_at, actor, cause, hash
     FROM events WHERE position > $1 ORDER BY position LIMIT $2",
);
static OF_STREAM: Sql = Sql::new(
    "SELECT position, event_id, stream, version, type, subject, data, recorded_at, actor, cause, hash
     FROM events WHERE stream = $1 ORDER BY version DESC LIMIT $2",
);
static BEFORE: Sql = Sql::new(
    "SELECT position, event_id, stream, version, type, subject, data, recorded_at, actor, cause, hash
     FROM events WHERE position < $1 AND position >= $2 AND ($3 IS NULL OR type = $3) AND ($4 IS NULL OR stream = $4)
     ORDER BY position DESC LIMIT $5",
);
static OF_STREAMS: Sql = Sql::rows(
    "SELECT stream, type, data FROM events WHERE stream {among} ORDER BY stream, version",
    &[("stream", Kind::Text)],
);

/// A log that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database's own trouble.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// An event of this contract's own log does not fit its type.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The log holds a type that this program does not know: it is older than its data.
    #[error("the log holds an event of type {0}, which this version does not know")]
    UnknownType(String),
}

/// Where the log ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position; 0 when the log is empty.
    pub position: u64,
    /// The last event's hash.
    pub hash: String,
}

/// One service's log.
#[derive(Clone, Debug)]
pub struct Log {
    database: Database,
    identity: Arc<Identity>,
    grown: watch::Sender<u64>,
    recent: Arc<Mutex<Recent>>,
}

impl Log {
    /// Opens the log in a database that has the log's tables; makes its head when there is none.
    pub async fn open(database: Database, service: &'static str) -> Result<Self, SqlError> {
        database.execute(&MAKE_HEAD, &[new_id().into(), START_HASH.into()]).await?;
        Self::existing(database, service).await
    }

    /// Opens a log that has its head, and writes nothing.
    pub async fn existing(database: Database, service: &'static str) -> Result<Self, SqlError> {
        let head = head_row(&database).await?;
        let identity = Identity { service, log_id: head.parsed("log_id")? };
        Ok(Self { database, identity: Arc::new(identity), grown: watch::Sender::new(0), recent: Arc::default() })
    }

    /// Which log this is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The database that the log lives in.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Where the log ends now.
    pub async fn head(&self) -> Result<Head, SqlError> {
        let row = head_row(&self.database).await?;
        Ok(Head { position: row.count("position")?, hash: row.text("hash")? })
    }

    /// Up to `limit` events behind `position`, in order.
    pub async fn read_after(&self, position: u64, limit: usize) -> Result<Vec<Recorded>, SqlError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let rows = self.database.rows(&AFTER, &[position.into(), limit.into()]).await?;
        rows.iter().map(recorded).collect()
    }

    /// Up to `limit` of the newest events of a stream, the newest first.
    pub async fn newest_of(&self, stream: &str, limit: usize) -> Result<Vec<Recorded>, SqlError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let rows = self.database.rows(&OF_STREAM, &[stream.into(), limit.into()]).await?;
        rows.iter().map(recorded).collect()
    }

    /// Up to `limit` events at the positions from `floor` up to but without `before`, the newest first: all, or those of a type,
    /// a stream, or both.
    pub async fn read_before(
        &self,
        before: u64,
        floor: u64,
        type_name: Option<&str>,
        stream: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Recorded>, SqlError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let values = [before.into(), floor.into(), type_name.into(), stream.into(), limit.into()];
        let rows = self.database.rows(&BEFORE, &values).await?;
        rows.iter().map(recorded).collect()
    }

    /// The events behind `position` as `read_after` gives them, from memory where this process has just appended them: for those who follow closely.
    pub async fn newest_after(&self, position: u64, limit: usize) -> Result<Vec<Recorded>, SqlError> {
        let recent = self.recent().after(position, limit);
        match recent {
            Some(events) => Ok(events),
            None => self.read_after(position, limit).await,
        }
    }

    /// Waits until this process has appended behind `position`, or until it is time to look what others appended.
    pub async fn wait_beyond(&self, position: u64) {
        let poll = if self.database.dialect() == Dialect::Postgres { POLL_SHARED } else { POLL_ALONE };
        let mut grown = self.grown.subscribe();
        // The sender lives as long as `self`, so the only other ending is the time-out.
        let _ = tokio::time::timeout(poll, grown.wait_for(|head| *head > position)).await;
    }

    /// Told by the writer after a commit: what it appended.
    pub(super) fn has_grown(&self, events: Vec<Recorded>) {
        let Some(last) = events.last().map(|event| event.position) else { return };
        self.recent().add(events);
        self.has_grown_to(last);
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Told of a new end after a commit.
    pub(super) fn has_grown_to(&self, position: u64) {
        self.grown.send_if_modified(|head| {
            let grown = position > *head;
            *head = position.max(*head);
            grown
        });
    }
}

/// The whole histories of some streams, read as events of their contract, in the transaction that decides by them. A stream
/// without a history is not in the answer.
pub async fn histories<E: Contract>(
    tx: &mut Tx,
    streams: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<E>>, LogError> {
    let rows = streams.into_iter().map(|stream| vec![stream.into()]).collect();
    let mut histories: HashMap<String, Vec<E>> = HashMap::new();
    for row in tx.rows_for_many(&OF_STREAMS, rows).await? {
        let type_name = row.text("type")?;
        let event = E::read(&type_name, &row.text("data")?)?.ok_or(LogError::UnknownType(type_name))?;
        histories.entry(row.text("stream")?).or_default().push(event);
    }
    Ok(histories)
}

async fn head_row(database: &Database) -> Result<Row, SqlError> {
    database.row(&HEAD, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })
}

fn recorded(row: &Row) -> Result<Recorded, SqlError> {
    Ok(Recorded {
        position: row.count("position")?,
        event_id: row.parsed("event_id")?,
        stream: row.text("stream")?,
        version: row.count("version")?,
        type_name: row.text("type")?,
        subject: row.text("subject")?,
        data: row.text("data")?,
        recorded_at: row.moment("recorded_at")?,
        actor: row.text("actor")?,
        cause: row.opt_text("cause")?,
        hash: row.text("hash")?,
    })
}
