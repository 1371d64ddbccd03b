//! How far a projection is, in which log, and waiting until it is far enough.

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

/// The projection is not as far as it was waited for.
#[derive(Debug, thiserror::Error)]
pub enum TooFarBehind {
    /// In the time given, it did not get there.
    #[error("the projection has not reached position {wanted} yet")]
    Behind {
        /// The position waited for.
        wanted: u64,
    },
    /// Where it is cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointState {
    /// The log that is followed; `None` before its first event.
    pub log_id: Option<Uuid>,
    /// The last event that was applied.
    pub point: LogPoint,
    /// How often the projection changed otherwise than by the next events.
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
    /// Held by the one waiter that asks the database for all.
    asking: Arc<Mutex<()>>,
}

impl Checkpoint {
    /// The checkpoint of a projection; made at position 0 when it is new.
    pub async fn open(database: Database, projection: &'static str) -> Result<Self, SqlError> {
        let checkpoint = Self::open_existing(database, projection);
        if checkpoint.read_if_any().await?.is_none() {
            let values = [projection.into(), LogPoint::START.hash.0.into()];
            checkpoint.database.execute(&MAKE, &values).await?;
        }
        Ok(checkpoint)
    }

    /// The checkpoint of a projection, whether or not there is one yet.
    pub fn open_existing(database: Database, projection: &'static str) -> Self {
        Self { database, projection, seen: watch::Sender::new(0), asking: Arc::default() }
    }

    /// The projection's name.
    pub fn projection(&self) -> &'static str {
        self.projection
    }

    /// What it says.
    pub async fn read(&self) -> Result<CheckpointState, SqlError> {
        self.read_if_any().await?.ok_or(SqlError::Column { column: "checkpoints".to_owned() })
    }

    /// What it says; `None` where the projection was never begun.
    pub async fn read_if_any(&self) -> Result<Option<CheckpointState>, SqlError> {
        self.database.row(&READ, &[self.projection.into()]).await?.as_ref().map(CheckpointState::of).transpose()
    }

    /// Moves on, in the projection's own transaction and before anything else in it, so that whoever writes the projection's
    /// tables holds the checkpoint first. False when another projector has moved it meanwhile, or when it was halted: nothing of
    /// this transaction may then be kept.
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

    /// The projection can be relied on again.
    pub async fn resume(&self) -> Result<(), SqlError> {
        self.database.execute(&RESUME, &[self.projection.into()]).await.map(drop)
    }

    /// Told after the commit, so that those who wait in this process need not ask.
    pub fn has_reached(&self, position: u64) {
        self.seen.send_if_modified(|seen| {
            let moved = position > *seen;
            *seen = position.max(*seen);
            moved
        });
    }

    /// How far the projection is known to be here.
    pub fn has_seen(&self) -> u64 {
        *self.seen.borrow()
    }

    /// Tells when the projector in this process moves on.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.seen.subscribe()
    }

    /// Reads how far it is, for whoever waits in this process.
    pub async fn look(&self) -> Result<(), SqlError> {
        let reached = self.read().await?.point.position;
        self.has_reached(reached);
        Ok(())
    }

    /// Waits until the projection holds `position`. However many wait, one of them asks the database.
    pub async fn wait_for(&self, position: u64, limit: Duration) -> Result<(), TooFarBehind> {
        let mut seen = self.seen.subscribe();
        let waiting = async {
            tokio::select! {
                biased;
                // The sender lives as long as `self`.
                _ = seen.wait_for(|reached| *reached >= position) => Ok(()),
                error = self.ask() => Err(error.into()),
            }
        };
        tokio::time::timeout(limit, waiting).await.unwrap_or(Err(TooFarBehind::Behind { wanted: position }))
    }

    /// Asks how far projectors in other processes are, until the database does not answer.
    async fn ask(&self) -> SqlError {
        let _asking = self.asking.lock().await;
        loop {
            // A projector in this process is heard of sooner.
            tokio::time::sleep(POLL).await;
            if let Err(error) = self.look().await {
                return error;
            }
        }
    }
}
