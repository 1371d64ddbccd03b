//! The speed of a position: a stream's last sequence or a projection's checkpoint, polled from outside. It counts
//! from the last poll before the first movement, so that start-up is excluded.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_nats::jetstream;
use harness::process::Process;
use sqlx::{Connection, PgConnection};

use crate::measure::{Slice, latencies};
use crate::progress::Progress;
use crate::usage::Processes;

/// Pause between two polls.
const POLL: Duration = Duration::from_millis(10);
/// Longest time without any movement.
const PATIENCE: Duration = Duration::from_mins(2);

/// Polls until `end` is reached. The slice begins at the last poll without movement: it is at most one poll too long,
/// and it exists even when everything moves between two polls.
pub async fn watch(
    what: &str,
    process: &Process,
    end: u64,
    mut position: impl AsyncFnMut() -> Result<u64>,
) -> Result<Slice> {
    let worker = Processes::alone(process.id());
    let mut progress = Progress::new(what, end);
    let mut moved = Instant::now();
    let mut begun = (moved, worker.cpu());
    let mut last = 0;
    loop {
        let now = (Instant::now(), worker.cpu());
        let reached = position().await?;
        if reached == 0 {
            begun = now;
        } else if reached > last {
            (last, moved) = (reached, Instant::now());
        }
        progress.at(reached);
        if reached >= end {
            break;
        }
        ensure!(process.is_running(), "{what}: the process ended at {reached} of {end}");
        ensure!(moved.elapsed() < PATIENCE, "{what}: it stalls at {reached} of {end}");
        tokio::time::sleep(POLL).await;
    }
    let (begun, cpu) = begun;
    let cpu = worker.cpu().saturating_sub(cpu);
    Ok(Slice { operations: end, elapsed: begun.elapsed(), latencies: latencies(), cpu })
}

/// The last sequence of a stream; 0 when there is no stream.
pub async fn last_sequence(jetstream: &jetstream::Context, stream: &str) -> u64 {
    match jetstream.get_stream(stream).await {
        Ok(stream) => stream.cached_info().state.last_sequence,
        Err(_) => 0,
    }
}

/// The last position of the log in a database.
pub async fn head(database: &str) -> Result<u64> {
    let mut connection = PgConnection::connect(database).await?;
    let (position,): (i64,) = sqlx::query_as("SELECT position FROM log_head").fetch_one(&mut connection).await?;
    Ok(u64::try_from(position)?)
}

/// The checkpoint of a projection, read over one connection.
pub struct Checkpoint {
    connection: PgConnection,
    view: &'static str,
}

impl Checkpoint {
    pub async fn open(database: &str, view: &'static str) -> Result<Self> {
        Ok(Self { connection: PgConnection::connect(database).await?, view })
    }

    /// The position; 0 without a checkpoint.
    pub async fn position(&mut self) -> Result<u64> {
        // Before the service has created its tables there is nothing to read.
        let there: (bool,) =
            sqlx::query_as("SELECT to_regclass('checkpoints') IS NOT NULL").fetch_one(&mut self.connection).await?;
        if !there.0 {
            return Ok(0);
        }
        let row: Option<(i64,)> = sqlx::query_as("SELECT position FROM checkpoints WHERE projection = $1")
            .bind(self.view)
            .fetch_optional(&mut self.connection)
            .await?;
        Ok(row.map_or(0, |(position,)| u64::try_from(position).unwrap_or_default()))
    }

    /// Waits until the projection reaches `end`, with progress.
    pub async fn reaches(&mut self, what: &str, end: u64) -> Result<Duration> {
        let mut progress = Progress::new(what, end);
        let (mut last, mut moved) = (0, Instant::now());
        loop {
            let reached = self.position().await?;
            if reached > last {
                (last, moved) = (reached, Instant::now());
            }
            progress.at(reached);
            if reached >= end {
                return Ok(progress.done());
            }
            ensure!(moved.elapsed() < PATIENCE, "{what}: it stalls at {reached} of {end}");
            tokio::time::sleep(POLL * 5).await;
        }
    }
}
