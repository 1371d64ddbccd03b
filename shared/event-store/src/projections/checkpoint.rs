//! A projection's checkpoint: how far it is, in which log; and waiting until it is far enough.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use crate::log::{EventHash, LogPoint};
use crate::sql::{Database, Row, Sql, SqlError, Tx, Value};

/// How soon the progress of a projector in another process is seen.
const POLL: Duration = Duration::from_millis(10);

static MAKE: Sql = Sql::new(
    "INSERT INTO checkpoints (projection, position, hash, generation) VALUES ($1, 0, $2, 1) ON CONFLICT (projection) DO NOTHING",
);
static READ: Sql = Sql::new("SELECT log_id, position, hash, generation, halted FROM checkpoints WHERE projection = $1");
static MOVE: Sql = Sql::new(
    "UPDATE checkpoints SET position = $1, hash = $2, log_id = $3
     WHERE projection = $4 AND position = $5 AND hash = $6 AND halted IS NULL",
);
static HALT: Sql = Sql::new(
    "UPDATE checkpoints SET halted = $1, generation = generation + 1
     WHERE projection = $2 AND position = $3 AND hash = $4 AND halted IS NULL",
);
static RESUME: Sql = Sql::new(
    "UPDATE checkpoints SET halted = NULL, generation = generation + 1 WHERE projection = $1 AND halted IS NOT NULL",
);

/// The projection has not reached a position.
#[derive(Debug, thiserror::Error)]
pub enum TooFarBehind {
    /// It did not reach the position within the time limit.
    #[error("the projection has not reached position {wanted} yet")]
    Behind {
        /// The position.
        wanted: u64,
    },
    /// The checkpoint cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointState {
    /// The id of the followed log; `None` before its first event.
    pub log_id: Option<Uuid>,
    /// The last event that was applied.
    pub point: LogPoint,
    /// How often the projection changed other than by new events.
    pub generation: u64,
    /// Why the projection cannot be relied on.
    pub halted: Option<String>,
}

impl CheckpointState {
    /// Reads the columns of a checkpoint.
    pub(super) fn of(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            log_id: row.opt_uuid("log_id")?,
            point: LogPoint { position: row.count("position")?, hash: EventHash(row.array("hash")?) },
            generation: row.count("generation")?,
            halted: row.opt_text("halted")?,
        })
    }
}

/// A projection's checkpoint, wherever its projector runs.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    database: Database,
    projection: &'static str,
    seen: watch::Sender<u64>,
    /// Held by the one waiter that polls the database for all.
    polling: Arc<Mutex<()>>,
}

impl Checkpoint {
    /// The checkpoint of a projection; a new one starts at position 0.
    pub async fn open(database: Database, projection: &'static str) -> Result<Self, SqlError> {
        let checkpoint = Self::open_existing(database, projection);
        if checkpoint.read_if_any().await?.is_none() {
            let values = [projection.into(), LogPoint::START.hash.0.into()];
            checkpoint.database.execute(&MAKE, &values).await?;
        }
        Ok(checkpoint)
    }

    /// The checkpoint of a projection, which may not exist yet.
    pub fn open_existing(database: Database, projection: &'static str) -> Self {
        Self { database, projection, seen: watch::Sender::new(0), polling: Arc::default() }
    }

    /// The projection's name.
    pub fn projection(&self) -> &'static str {
        self.projection
    }

    /// Reads the checkpoint.
    pub async fn read(&self) -> Result<CheckpointState, SqlError> {
        self.read_if_any().await?.ok_or(SqlError::Column { column: "checkpoints".to_owned() })
    }

    /// Reads the checkpoint; `None` where the projection never started.
    pub async fn read_if_any(&self) -> Result<Option<CheckpointState>, SqlError> {
        self.database.row(&READ, &[self.projection.into()]).await?.as_ref().map(CheckpointState::of).transpose()
    }

    /// Moves the checkpoint, as the first statement of the projection's transaction, so that every writer of the
    /// projection's tables locks the checkpoint first. `false` when another projector has moved it, or when it was
    /// halted: the transaction must then be rolled back.
    pub async fn advance(&self, tx: &mut Tx, from: LogPoint, to: LogPoint, log_id: Uuid) -> Result<bool, SqlError> {
        let values: [Value; 6] = [
            to.position.into(),
            to.hash.0.into(),
            log_id.into(),
            self.projection.into(),
            from.position.into(),
            from.hash.0.into(),
        ];
        Ok(tx.execute(&MOVE, &values).await? == 1)
    }

    /// Marks the projection as one that cannot be relied on.
    pub async fn halt(&self, at: LogPoint, reason: &str) -> Result<(), SqlError> {
        let values = [reason.into(), self.projection.into(), at.position.into(), at.hash.0.into()];
        self.database.execute(&HALT, &values).await.map(drop)
    }

    /// Marks the projection as one that can be relied on again.
    pub async fn resume(&self) -> Result<(), SqlError> {
        self.database.execute(&RESUME, &[self.projection.into()]).await.map(drop)
    }

    /// Call after a commit, so that waiters in this process need not poll.
    pub fn has_reached(&self, position: u64) {
        self.seen.send_if_modified(|seen| {
            let moved = position > *seen;
            *seen = position.max(*seen);
            moved
        });
    }

    /// The last position that this process knows of.
    pub fn has_seen(&self) -> u64 {
        *self.seen.borrow()
    }

    /// Notifies of the progress of the projector in this process.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.seen.subscribe()
    }

    /// Reads the position from the database for the waiters in this process.
    pub async fn refresh(&self) -> Result<(), SqlError> {
        let reached = self.read().await?.point.position;
        self.has_reached(reached);
        Ok(())
    }

    /// Waits until the projection holds `position`. One waiter polls the database for all.
    pub async fn wait_for(&self, position: u64, limit: Duration) -> Result<(), TooFarBehind> {
        let mut seen = self.seen.subscribe();
        let waiting = async {
            tokio::select! {
                biased;
                // The sender lives as long as `self`.
                _ = seen.wait_for(|reached| *reached >= position) => Ok(()),
                error = self.poll() => Err(error.into()),
            }
        };
        tokio::time::timeout(limit, waiting).await.unwrap_or(Err(TooFarBehind::Behind { wanted: position }))
    }

    /// Polls the database for the progress of other processes, until the database does not respond.
    async fn poll(&self) -> SqlError {
        let _polling = self.polling.lock().await;
        loop {
            // The progress of a projector in this process comes by notification.
            tokio::time::sleep(POLL).await;
            if let Err(error) = self.refresh().await {
                return error;
            }
        }
    }
}
