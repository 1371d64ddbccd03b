//! Reading the log: by position, by stream, and waiting for more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::event::{CommandMark, Identity, RecordedEvent};
use super::hash::EventHash;
use super::point::{Containment, LogPoint};
use super::recent::Recent;
use super::secret::Secret;
use crate::sql::{Database, Dialect, Kind, MigrationError, Row, Sql, SqlError, Tx, Value};
use contract::clock::Moment;
use contract::events::{Contract, DecodeError};
use contract::ids::{new_id, random_bytes};
use contract::note::Note;

/// How soon appends of other processes are seen on PostgreSQL.
const POLL_SHARED: Duration = Duration::from_millis(15);
/// How soon appends of other processes are seen on SQLite, where only the operator's commands are such.
const POLL_ALONE: Duration = Duration::from_millis(250);

static MAKE_HEAD: Sql = Sql::new(
    "INSERT INTO log_head (id, position, log_id, hash, secret) VALUES (1, 0, $1, $2, $3)
     ON CONFLICT (id) DO NOTHING",
);
static HEAD: Sql = Sql::new("SELECT position, log_id, hash, secret, halted FROM log_head WHERE id = 1");
pub(super) static HALT: Sql = Sql::new("UPDATE log_head SET halted = $1 WHERE id = 1");

/// The columns that an event is read from.
macro_rules! event_columns {
    () => {
        "position, event_id, stream, version, type, subject, data, recorded_at, actor, cause, command_id, command_digest, hash"
    };
}
pub(super) use event_columns;

macro_rules! events {
    ($($rest:expr),+) => { Sql::new(concat!("SELECT ", event_columns!(), " FROM events WHERE ", $($rest),+)) };
}
static AFTER: Sql = events!("position > $1 ORDER BY position LIMIT $2");
static AT: Sql = events!("position = $1");
static OF_STREAM: Sql = events!("stream = $1 ORDER BY version DESC LIMIT $2");
static BEFORE: Sql = events!(
    "position < $1 AND position >= $2 AND ($3 IS NULL OR type = $3) AND ($4 IS NULL OR stream = $4)
         AND ($5 IS NULL OR actor = $5) AND ($6 IS NULL OR substr(stream, 1, length($6)) = $6)
     ORDER BY position DESC LIMIT $7"
);
static OF_STREAMS: Sql = Sql::rows(
    "SELECT stream, e.position, type, data, recorded_at, n.text AS note FROM events e LEFT JOIN notes n ON n.position = e.position
     WHERE stream {among} ORDER BY stream, version",
    &[("stream", Kind::Text)],
);

/// A log that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// An event of the service's own log does not fit its type.
    #[error(transparent)]
    DecodeError(#[from] DecodeError),
    /// The log holds an event type that this program does not know: the program is older than its data.
    #[error("the log holds an event of type {0}, which this version does not know")]
    UnknownType(String),
}

/// Which events are wanted: all, or those to which each of these applies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub type_name: Option<&'a str>,
    pub stream: Option<&'a str>,
    pub actor: Option<&'a str>,
    /// Streams that begin so.
    pub streams: Option<&'a str>,
}

/// One service's log.
#[derive(Clone, Debug)]
pub struct Log {
    database: Database,
    identity: Arc<Identity>,
    secret: Secret,
    grown: watch::Sender<u64>,
    recent: Arc<Mutex<Recent>>,
}

impl Log {
    /// Opens the log in a database that has the log's tables; creates its head when there is none.
    pub async fn open(database: Database, service: &'static str) -> Result<Self, SqlError> {
        if database.row(&HEAD, &[]).await?.is_none() {
            let secret = random_bytes::<32>().map_err(|_| SqlError::Column { column: "secret".to_owned() })?;
            let values = [new_id().into(), LogPoint::START.hash.0.into(), secret.into()];
            database.execute(&MAKE_HEAD, &values).await?;
        }
        Self::existing(database, service).await
    }

    /// Opens the log that a database has.
    pub async fn existing(database: Database, service: &'static str) -> Result<Self, SqlError> {
        let head = database.row(&HEAD, &[]).await?.ok_or(MigrationError::Missing)?;
        let identity = Arc::new(Identity { service, log_id: head.uuid("log_id")? });
        let secret = Secret::new(&head.bytes("secret")?);
        let (grown, recent) = (watch::Sender::new(0), Arc::default());
        Ok(Self { database, identity, secret, grown, recent })
    }

    /// The log's identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The database that holds the log.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The secret for digests that only this log's database can make.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The current end of the log.
    pub async fn head(&self) -> Result<LogPoint, SqlError> {
        let row = head_row(&self.database).await?;
        Ok(LogPoint { position: row.count("position")?, hash: EventHash(row.array("hash")?) })
    }

    /// The event at a position.
    pub async fn get(&self, position: u64) -> Result<Option<RecordedEvent>, SqlError> {
        self.database.row(&AT, &[position.into()]).await?.as_ref().map(recorded).transpose()
    }

    /// Whether this log has the history that ends at a point.
    pub async fn contains(&self, point: LogPoint) -> Result<Containment, SqlError> {
        if point == LogPoint::START {
            return Ok(Containment::Contained);
        }
        Ok(match self.get(point.position).await? {
            Some(event) if event.hash == point.hash => Containment::Contained,
            Some(_) => Containment::Other,
            None => Containment::Shorter { head: self.head().await?.position },
        })
    }

    /// Why the log is halted; `None` when it is not.
    pub async fn halted(&self) -> Result<Option<String>, SqlError> {
        head_row(&self.database).await?.opt_text("halted")
    }

    /// Makes every replica refuse appends until [`Log::resume`]: the database may have lost committed events.
    pub async fn halt(&self, reason: &str) -> Result<(), SqlError> {
        self.database.execute(&HALT, &[reason.into()]).await.map(drop)
    }

    /// Lets replicas append again.
    pub async fn resume(&self) -> Result<(), SqlError> {
        self.database.execute(&HALT, &[None::<String>.into()]).await.map(drop)
    }

    /// Up to `limit` events after `position`, in order.
    pub async fn read_after(&self, position: u64, limit: usize) -> Result<Vec<RecordedEvent>, SqlError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let rows = self.database.rows(&AFTER, &[position.into(), limit.into()]).await?;
        rows.iter().map(recorded).collect()
    }

    /// Up to `limit` of the newest events of a stream, the newest first.
    pub async fn newest_of(&self, stream: &str, limit: usize) -> Result<Vec<RecordedEvent>, SqlError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let rows = self.database.rows(&OF_STREAM, &[stream.into(), limit.into()]).await?;
        rows.iter().map(recorded).collect()
    }

    /// Up to `limit` of the wanted events at the positions from `floor` up to but without `before`, the newest first.
    pub async fn read_before(
        &self,
        before: u64,
        floor: u64,
        wanted: Wanted<'_>,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, SqlError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let Wanted { type_name, stream, actor, streams } = wanted;
        let filters = [type_name, stream, actor, streams].map(Value::from);
        let values = [[before.into(), floor.into()].as_slice(), &filters, &[limit.into()]].concat();
        let rows = self.database.rows(&BEFORE, &values).await?;
        rows.iter().map(recorded).collect()
    }

    /// The position of the first event that was recorded at this moment or later; behind the end where there is none.
    pub async fn first_since(&self, moment: Moment) -> Result<u64, SqlError> {
        let (mut first, mut end) = (1, self.head().await?.position + 1);
        while first < end {
            let middle = first.midpoint(end);
            let is_earlier = self.get(middle).await?.is_some_and(|event| event.recorded_at < moment);
            if is_earlier {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        Ok(first)
    }

    /// Like `read_after`, from memory where this process has just appended the events.
    pub async fn newest_after(&self, position: u64, limit: usize) -> Result<Vec<RecordedEvent>, SqlError> {
        let recent = self.recent().after(position, limit);
        match recent {
            Some(events) => Ok(events),
            None => self.read_after(position, limit).await,
        }
    }

    /// Waits until this process has appended after `position`, or until other processes' appends are due to be read.
    pub async fn wait_beyond(&self, position: u64) {
        let poll = if self.database.dialect() == Dialect::Postgres { POLL_SHARED } else { POLL_ALONE };
        let mut grown = self.grown.subscribe();
        // The sender lives as long as `self`, so the wait ends by an append or the time-out.
        let _ = tokio::time::timeout(poll, grown.wait_for(|head| *head > position)).await;
    }

    /// Called by the writer after a commit, with the new events and the new end of the log.
    pub(super) fn has_grown(&self, events: Vec<RecordedEvent>, position: u64) {
        if !events.is_empty() {
            self.recent().add(events);
            self.has_grown_to(position);
        }
    }

    /// Removes events after this position from memory, where the database no longer has them.
    pub(crate) fn forget_beyond(&self, position: u64) {
        self.recent().forget_beyond(position);
        self.grown.send_if_modified(|head| {
            let is_beyond = *head > position;
            *head = position.min(*head);
            is_beyond
        });
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called after a commit, with the new end of the log.
    pub(super) fn has_grown_to(&self, position: u64) {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        metrics::gauge!("signpost_log_position", "log" => self.identity.service).set(position as f64);
        self.grown.send_if_modified(|head| {
            let grown = position > *head;
            *head = position.max(*head);
            grown
        });
    }
}

/// What a stream holds.
#[derive(Clone, Debug)]
pub struct History<E> {
    pub events: Vec<E>,
    /// When the first of them was appended.
    pub begun_at: Moment,
    /// When the last of them was appended.
    pub changed_at: Moment,
}

impl<E> History<E> {
    /// The events so far, with these behind them.
    pub fn extend(&mut self, events: impl IntoIterator<Item = E>, at: Moment) {
        let known = self.events.len();
        self.events.extend(events);
        if self.events.len() > known {
            self.changed_at = at;
        }
        if known == 0 {
            self.begun_at = at;
        }
    }
}

impl<E> Default for History<E> {
    fn default() -> Self {
        Self { events: Vec::new(), begun_at: Moment::default(), changed_at: Moment::default() }
    }
}

/// The histories of some streams up to a position, read as events of their contract with their notes, in the deciding transaction.
/// Streams without a history are left out.
pub async fn histories<E: Contract>(
    tx: &mut Tx,
    streams: impl IntoIterator<Item = String>,
    up_to: u64,
) -> Result<HashMap<String, History<E>>, LogError> {
    let rows = streams.into_iter().map(|stream| vec![stream.into()]).collect();
    let mut histories: HashMap<String, History<E>> = HashMap::new();
    for row in tx.rows_for_many(&OF_STREAMS, rows).await? {
        if row.count("position")? > up_to {
            continue;
        }
        let type_name = row.text("type")?;
        let mut event = E::read(&type_name, &row.text("data")?)?.ok_or(LogError::UnknownType(type_name))?;
        if let (Some(note @ Note::Kept), Some(text)) = (event.note_mut(), row.opt_text("note")?) {
            *note = text.into();
        }
        histories.entry(row.text("stream")?).or_default().extend([event], row.moment("recorded_at")?);
    }
    Ok(histories)
}

async fn head_row(database: &Database) -> Result<Row, SqlError> {
    database.row(&HEAD, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })
}

pub(super) fn recorded(row: &Row) -> Result<RecordedEvent, SqlError> {
    Ok(RecordedEvent {
        position: row.count("position")?,
        event_id: row.uuid("event_id")?,
        stream: row.text("stream")?,
        version: row.count("version")?,
        type_name: row.text("type")?,
        subject: row.text("subject")?,
        data: row.text("data")?,
        recorded_at: row.moment("recorded_at")?,
        actor: row.text("actor")?,
        cause: row.opt_text("cause")?,
        command: match (row.opt_array("command_id")?, row.opt_array("command_digest")?) {
            (Some(id), Some(request)) => Some(CommandMark { id, request }),
            _ => None,
        },
        hash: EventHash(row.array("hash")?),
    })
}
