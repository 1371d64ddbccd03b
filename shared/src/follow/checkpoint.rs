//! How far a view is, and waiting until it is far enough.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::sql::{Database, Sql, SqlError, Tx};

/// How soon the progress of a follower in another process is seen.
const POLL: Duration = Duration::from_millis(10);

static MAKE: Sql =
    Sql::new("INSERT INTO checkpoints (view, position, generation) VALUES ($1, 0, 1) ON CONFLICT (view) DO NOTHING");
static READ: Sql = Sql::new("SELECT position, generation FROM checkpoints WHERE view = $1");
static MOVE: Sql = Sql::new("UPDATE checkpoints SET position = $1 WHERE view = $2 AND position = $3");

/// The view is not as far as it was waited for.
#[derive(Debug, thiserror::Error)]
pub enum TooFarBehind {
    /// In the time given, it did not get there.
    #[error("the view has not reached position {wanted} yet")]
    Behind {
        /// The position waited for.
        wanted: u64,
    },
    /// Where it is cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// The position of a view, without making its checkpoint; `None` where it has none yet.
pub async fn position(database: &Database, view: &str) -> Result<Option<u64>, SqlError> {
    database.row(&READ, &[view.into()]).await?.map(|row| row.count("position")).transpose()
}

/// A view's checkpoint, wherever its follower runs.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    database: Database,
    view: &'static str,
    seen: watch::Sender<u64>,
}

impl Checkpoint {
    /// The checkpoint of a view; made at position 0 when it is new.
    pub async fn open(database: Database, view: &'static str) -> Result<Self, SqlError> {
        database.execute(&MAKE, &[view.into()]).await?;
        Ok(Self { database, view, seen: watch::Sender::new(0) })
    }

    /// The view's name.
    pub fn view(&self) -> &'static str {
        self.view
    }

    /// The position that the view holds, and its generation: how often it changed otherwise than by the next events.
    pub async fn read(&self) -> Result<(u64, u64), SqlError> {
        let row = self.database.row(&READ, &[self.view.into()]).await?;
        let row = row.ok_or(SqlError::Column { column: "checkpoints".to_owned() })?;
        Ok((row.count("position")?, row.count("generation")?))
    }

    /// Moves on, in the view's own transaction. False when another follower has moved it meanwhile: nothing of this
    /// transaction may then be kept.
    pub async fn advance(&self, tx: &mut Tx, from: u64, to: u64) -> Result<bool, SqlError> {
        Ok(tx.execute(&MOVE, &[to.into(), self.view.into(), from.into()]).await? == 1)
    }

    /// Told after the commit, so that those who wait in this process need not ask.
    pub fn has_reached(&self, position: u64) {
        self.seen.send_if_modified(|seen| {
            let moved = position > *seen;
            *seen = position.max(*seen);
            moved
        });
    }

    /// Tells when the follower in this process moves on.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.seen.subscribe()
    }

    /// Waits until the view holds `position`.
    pub async fn wait_for(&self, position: u64, limit: Duration) -> Result<(), TooFarBehind> {
        let deadline = Instant::now() + limit;
        let mut seen = self.seen.subscribe();
        loop {
            if *seen.borrow_and_update() >= position {
                return Ok(());
            }
            if tokio::time::timeout(POLL, seen.wait_for(|reached| *reached >= position)).await.is_ok() {
                return Ok(());
            }
            let (reached, _) = self.read().await?;
            self.has_reached(reached);
            if reached < position && Instant::now() >= deadline {
                return Err(TooFarBehind::Behind { wanted: position });
            }
        }
    }
}
