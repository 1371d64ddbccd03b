//! The head of the log: reading it, locking it, and comparing it with the last append of this process.

use super::hash::EventHash;
use super::point::LogPoint;
use super::reader::event_columns;
use crate::sql::{Kind, QueuedQuery, Row, Sql, SqlError, Tx, Value};
use crate::sql_rows;

pub(super) static LOCK_HEAD: Sql = Sql::new("SELECT position, hash, halted FROM log_head WHERE id = 1 {for_update}");
static POSITION: Sql = Sql::new("SELECT position FROM log_head WHERE id = 1");
sql_rows! {
    pub(super) static MOVE_HEAD = "UPDATE log_head SET position = r.position, hash = r.hash FROM {rows} WHERE log_head.id = 1";
    pub(super) fn head_row(head: &LogPoint) {
        position: Int = head.position,
        hash: Bytes = head.hash.0,
    }
}
sql_rows! {
    /// Finds a row where the head has moved from this point, or where the log is halted. The head is locked for that,
    /// so that of two writers one waits for the other and then finds that the head has moved.
    pub(super) static HEAD_ELSEWHERE = "SELECT 1 FROM (SELECT hash, halted FROM log_head WHERE id = 1 {for_update}) AS h CROSS JOIN {rows}
         WHERE h.hash <> r.hash OR h.halted IS NOT NULL";
    pub(super) fn point_row(point: &LogPoint) {
        hash: Bytes = point.hash.0,
    }
}
/// The head, joined with the events of these commands; one row without an event when none has one.
static HEAD_AND_COMMANDS: Sql = Sql::rows(
    concat!(
        "SELECT h.position AS head, h.hash AS head_hash, h.halted, e.* FROM log_head h
         LEFT JOIN (SELECT ",
        event_columns!(),
        " FROM events WHERE command_id {among}) e ON TRUE WHERE h.id = 1"
    ),
    &[("id", Kind::Bytes)],
);
/// The hash of the event at a position.
static HASH_AT: Sql = Sql::rows("SELECT hash FROM events WHERE position {among}", &[("position", Kind::Int)]);

/// Why a batch is not in the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The log is halted until an operator acts.
    #[error("{0}")]
    Halted(String),
    /// The database no longer has an append of this process.
    #[error(
        "the database has lost events: this process wrote up to position {written}, the log ends at {head} or has others"
    )]
    Lost { written: u64, head: u64 },
}

/// The queued query for the end of the log, and for whether the log still has this process's last append.
pub(super) struct Head {
    known: QueuedQuery,
    left: QueuedQuery,
    left_at: Option<LogPoint>,
}

impl Head {
    /// Queues it together with the events of the commands with these ids. `left_at` is the end of the log after this
    /// process's last append.
    pub(super) fn query(tx: &mut Tx, left_at: Option<LogPoint>, ids: Vec<Vec<Value>>) -> Self {
        let left_at = left_at.filter(|point| *point != LogPoint::START);
        let left = left_at.iter().map(|point| vec![point.position.into()]).collect();
        Self { known: tx.query(&HEAD_AND_COMMANDS, ids), left: tx.query(&HASH_AT, left), left_at }
    }

    pub(super) async fn read(self, tx: &mut Tx) -> Result<(LogPoint, Vec<Row>), CommitError> {
        let rows = tx.read_queued(self.known).await?;
        let head = head_of(&rows)?;
        if let Some(point) = self.left_at {
            let there = tx.read_queued(self.left).await?.first().map(|row| row.array("hash")).transpose()?;
            if there != Some(point.hash.0) {
                return Err(CommitError::Lost { written: point.position, head: head.position });
            }
        }
        Ok((head, rows))
    }
}

pub(super) async fn position(tx: &mut Tx) -> Result<u64, SqlError> {
    let row = tx.row(&POSITION, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    row.count("position")
}

/// The end of the log, unless it is halted.
fn head_of(rows: &[Row]) -> Result<LogPoint, CommitError> {
    let head = rows.first().ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    if let Some(reason) = head.opt_text("halted")? {
        return Err(CommitError::Halted(reason));
    }
    Ok(LogPoint { position: head.count("head")?, hash: EventHash(head.array("head_hash")?) })
}
