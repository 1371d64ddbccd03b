//! Rebuilds a projection in its shadow tables, while the live ones serve: to switch over by renaming, in one short
//! transaction, or only to compare the two.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::checkpoint::CheckpointState;
use super::parked;
use super::projection::{Keeper, Projection, read_all};
pub use super::step::Step;
use crate::log::{EventHash, Log, LogPoint, RecordedEvent};
use crate::projections::checkpoint::Checkpoint;
use crate::projections::table::Difference;
use crate::sql::{Database, Sql, SqlError, Tx};

/// Events that are folded at a time: on SQLite, others write between two pages.
const PAGE: usize = 2_000;
/// Attempts to switch over, each after the fold has caught up. An attempt does not wait for long readers or writers,
/// since others would queue behind it.
const SWITCH_TRIES: usize = 100;
const SWITCH_PAUSE: Duration = Duration::from_millis(100);

static SWITCH: Sql = Sql::new(
    "UPDATE checkpoints SET position = $1, hash = $2, log_id = $3, halted = NULL, generation = generation + 1
     WHERE projection = $4",
);
/// For PostgreSQL; on SQLite only writers could block, and the transaction has waited for them at its start.
static WAIT_BRIEFLY: Sql = Sql::new("SET LOCAL lock_timeout = '200ms'");
static STANDS_AT: Sql =
    Sql::new("SELECT log_id, position, hash, generation, halted FROM checkpoints WHERE projection = $1");
static HOLD: Sql = Sql::new(
    "UPDATE checkpoints SET position = position WHERE projection = $1
     RETURNING log_id, position, hash, generation, halted",
);
static WRITER_STANDS_AT: Sql = Sql::new("SELECT position, hash FROM log_head WHERE id = 1");
static HOLD_WRITER: Sql = Sql::new("SELECT position, hash FROM log_head WHERE id = 1 {for_update}");

static TAKE_LOCK: Sql = Sql::new(
    "INSERT INTO rebuild_locks (projection, number, position) VALUES ($1, 1, 0)
     ON CONFLICT (projection) DO UPDATE SET position = 0, number = rebuild_locks.number + 1 RETURNING number",
);
static KEEP_LOCK: Sql = Sql::new("UPDATE rebuild_locks SET position = $1 WHERE projection = $2 AND number = $3");

/// Why a projection could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// An event does not fit its type.
    #[error("an event up to position {0} does not fit its type")]
    DecodeError(u64),
    /// The log lacks events.
    #[error("the log lacks events after position {0}")]
    Hole(u64),
    /// A standby or a read-only database cannot hold shadow tables.
    #[error(
        "the database takes no writes (is it a standby?): projections can be compared and rebuilt on the primary only"
    )]
    ReadOnly,
    /// Another rebuild has taken the shadow tables.
    #[error("another rebuild or verification of the projection has begun")]
    Conflict,
}

/// Rebuilds a projection from the log that it follows and switches over; returns its position. If the log does not
/// contain the projection's history, the projection is set back to the log. `progress` gets each step.
pub async fn rebuild<V: Projection>(
    view: &V,
    database: &Database,
    log: &Log,
    progress: impl FnMut(Step),
) -> Result<u64, RebuildError> {
    let mut progress = progress;
    let mut fold = Fold::begin(view, database, log).await?;
    let mut tries = 0;
    loop {
        fold.up_to_live(&mut progress).await?;
        match fold.switch(&mut progress).await {
            Ok(true) => break,
            Ok(false) => {}
            Err(RebuildError::Sql(SqlError::Unavailable(_))) if tries < SWITCH_TRIES => {
                tries += 1;
                sleep(SWITCH_PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
    match fold.lock.clear(view, database).await {
        // Another rebuild that has begun has emptied the tables already.
        Ok(()) | Err(RebuildError::Conflict) => Ok(fold.point.position),
        Err(error) => Err(error),
    }
}

/// Folds the projection up to the live one's position and compares them; returns a sentence for each difference.
pub async fn compare<V: Projection>(
    view: &V,
    database: &Database,
    log: &Log,
    progress: impl FnMut(Step),
) -> Result<Vec<String>, RebuildError> {
    let mut progress = progress;
    if let Some(fault) = fault_of_checkpoint::<V>(database, log).await? {
        return Ok(vec![fault]);
    }
    let mut fold = Fold::begin(view, database, log).await?;
    let differences = loop {
        fold.up_to_live(&mut progress).await?;
        // Both at the same moment; the live projection goes on meanwhile.
        let mut tx = database.begin_snapshot().await?;
        if fold.equals(&Live::read::<V>(&mut tx, false).await?).await? {
            break differences(view, &mut tx, &mut progress).await?;
        }
    };
    fold.lock.clear(view, database).await?;
    Ok(differences)
}

/// What is wrong with a projection's checkpoint: another log, or a position that its log does not have.
pub async fn fault_of_checkpoint<V: Projection>(database: &Database, log: &Log) -> Result<Option<String>, SqlError> {
    if V::KEPT_BY == Keeper::Writer {
        return Ok(None);
    }
    let state = Checkpoint::open_existing(database.clone(), V::NAME).read_if_any().await?;
    let Some(CheckpointState { log_id, point, halted, .. }) = state else { return Ok(None) };
    if let Some(followed) = log_id.filter(|followed| *followed != log.identity().log_id) {
        return Ok(Some(format!(
            "projection {}: follows log {followed}, and not log {}",
            V::NAME,
            log.identity().log_id
        )));
    }
    let fault = log.contains(point).await?.fault(point.position).or(halted);
    Ok(fault.map(|fault| format!("projection {}: {fault}; see `signpost repair`", V::NAME)))
}

/// The live projection at one moment.
struct Live {
    /// Its position; the start where it never ran.
    point: LogPoint,
    /// The ids of the parked events, by position.
    parked: BTreeMap<u64, Uuid>,
}

impl Live {
    /// Reads it; with `hold`, locks it until `tx` ends.
    async fn read<V: Projection>(tx: &mut Tx, hold: bool) -> Result<Self, SqlError> {
        let (sql, values) = match (V::KEPT_BY, hold) {
            (Keeper::Projector, true) => (&HOLD, vec![V::NAME.into()]),
            (Keeper::Projector, false) => (&STANDS_AT, vec![V::NAME.into()]),
            (Keeper::Writer, true) => (&HOLD_WRITER, Vec::new()),
            (Keeper::Writer, false) => (&WRITER_STANDS_AT, Vec::new()),
        };
        let point = match tx.row(sql, &values).await? {
            Some(row) => LogPoint { position: row.count("position")?, hash: EventHash(row.array("hash")?) },
            None => LogPoint::START,
        };
        Ok(Self { point, parked: parked::event_ids(tx, V::NAME).await? })
    }
}

/// A fold of a log into a projection's shadow tables.
struct Fold<'a, V: Projection> {
    view: &'a V,
    database: &'a Database,
    log: &'a Log,
    lock: RebuildLock,
    point: LogPoint,
    /// The live projection's parked events, as last read.
    parked: BTreeMap<u64, Uuid>,
    /// Positions of the parked events that the log has, up to `point`.
    left_out: HashSet<u64>,
    /// Whether the tables of sums are filled: later events are added to them one by one.
    is_summed: bool,
}

impl<'a, V: Projection> Fold<'a, V> {
    async fn begin(view: &'a V, database: &'a Database, log: &'a Log) -> Result<Self, RebuildError> {
        if !database.takes_writes().await? {
            return Err(RebuildError::ReadOnly);
        }
        let lock = RebuildLock::take(view, database).await?;
        let (parked, left_out) = (BTreeMap::new(), HashSet::new());
        Ok(Self { view, database, log, lock, point: LogPoint::START, parked, left_out, is_summed: false })
    }

    /// Whether the shadow tables hold the same history as the live ones: all events up to their position except the
    /// parked ones.
    async fn equals(&self, live: &Live) -> Result<bool, SqlError> {
        Ok(self.parked == live.parked && self.end(live.point).await? <= self.point.position)
    }

    /// The last position to fold: the live projection's, or the log's if the log does not contain that.
    async fn end(&self, live: LogPoint) -> Result<u64, SqlError> {
        let is_contained = self.log.contains(live).await?.fault(live.position).is_none();
        Ok(if is_contained { live.position } else { self.log.head().await?.position })
    }

    /// Adopts the list of parked events. Where it differs for a position that is folded already, the fold starts
    /// again: a retry has applied the event to the live tables only.
    async fn leave_out(&mut self, parked: BTreeMap<u64, Uuid>) -> Result<(), RebuildError> {
        let folded = ..=self.point.position;
        if !self.parked.range(folded).eq(parked.range(folded)) {
            self.lock.clear(self.view, self.database).await?;
            self.point = LogPoint::START;
            self.left_out.clear();
            self.is_summed = false;
        }
        self.parked = parked;
        Ok(())
    }

    /// Renames the shadow tables to the live ones; `false` where the live projection has moved on meanwhile.
    async fn switch(&self, progress: &mut impl FnMut(Step)) -> Result<bool, RebuildError> {
        let mut tx = self.database.begin_locked(&WAIT_BRIEFLY).await?;
        self.lock.still_ours(&mut tx, self.point.position).await?;
        // From here to the commit the live projection is locked, so it cannot get ahead of the new one.
        if !self.equals(&Live::read::<V>(&mut tx, true).await?).await? {
            return Ok(false);
        }
        for table in self.view.tables() {
            progress(Step::Switching { table: table.name });
            for statement in &table.switch {
                tx.execute(statement, &[]).await?;
            }
        }
        let LogPoint { position, hash } = self.point;
        if V::KEPT_BY == Keeper::Projector {
            let log_id = self.log.identity().log_id;
            tx.execute(&SWITCH, &[position.into(), hash.0.into(), log_id.into(), V::NAME.into()]).await?;
            // A projection that was set back drops the parked events of the history that it leaves.
            for foreign in self.parked.keys().filter(|position| !self.left_out.contains(position)) {
                parked::forget(&mut tx, V::NAME, *foreign).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn up_to_live(&mut self, progress: &mut impl FnMut(Step)) -> Result<(), RebuildError> {
        let mut tx = self.database.begin_snapshot().await?;
        let live = Live::read::<V>(&mut tx, false).await?;
        drop(tx);
        let end = self.end(live.point).await?;
        self.leave_out(live.parked).await?;
        let mut page = self.behind(self.point.position, end).await?;
        while let Some(last) = page.last().map(LogPoint::of) {
            // While one page is written, the next is read.
            let (folded, next) = tokio::join!(self.fold(&page, last.position), self.behind(last.position, end));
            folded?;
            page.retain(|event| self.is_parked(event));
            self.left_out.extend(page.iter().map(|event| event.position));
            progress(Step::Folded(last.position));
            (self.point, page) = (last, next?);
        }
        if !self.is_summed {
            self.sum_up(progress).await?;
            self.is_summed = true;
        }
        Ok(())
    }

    /// Fills the tables whose rows are sums of others.
    async fn sum_up(&self, progress: &mut impl FnMut(Step)) -> Result<(), RebuildError> {
        for (table, sum) in self.view.tables().iter().flat_map(|table| table.sums.iter().map(move |sum| (table, sum))) {
            let mut tx = self.database.begin_snapshot().await?;
            tx.in_shadow();
            let ends = tx.row(&sum.ends, &[]).await?;
            drop(tx);
            let Some(ends) = ends else { continue };
            let (Some(first), Some(last)) = (ends.opt_int("first")?, ends.opt_int("last")?) else { continue };
            let mut from = first.div_euclid(sum.step) * sum.step;
            while from <= last {
                let mut tx = self.database.begin_unhurried().await?;
                self.lock.still_ours(&mut tx, self.point.position).await?;
                tx.in_shadow();
                tx.execute(&sum.add, &[from.into(), (from + sum.step).into()]).await?;
                tx.commit().await?;
                from += sum.step;
                progress(Step::SummedUp { table: table.name });
            }
        }
        Ok(())
    }

    /// The id counts, since the log may have another event at the position of a parked one.
    fn is_parked(&self, event: &RecordedEvent) -> bool {
        self.parked.get(&event.position) == Some(&event.event_id)
    }

    /// The next events after `position`, up to `end`; empty at the end.
    async fn behind(&self, position: u64, end: u64) -> Result<Vec<RecordedEvent>, RebuildError> {
        if position >= end {
            return Ok(Vec::new());
        }
        let mut page = self.log.read_after(position, PAGE).await?;
        page.retain(|event| event.position <= end);
        if page.first().is_none_or(|event| event.position != position + 1) {
            return Err(RebuildError::Hole(position));
        }
        Ok(page)
    }

    async fn fold(&self, page: &[RecordedEvent], last: u64) -> Result<(), RebuildError> {
        let free = page.iter().filter(|event| !self.is_parked(event));
        let events = read_all::<V>(free).map_err(|_| RebuildError::DecodeError(last))?;
        // Switching over commits durably, after all of these.
        let mut tx = self.database.begin_unhurried().await?;
        self.lock.still_ours(&mut tx, last).await?;
        tx.in_shadow();
        if !self.is_summed {
            tx.sum_later();
        }
        self.view.apply(&mut tx, &events).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The claim to a projection's shadow tables: the last claim wins, and the earlier rebuild must stop.
struct RebuildLock {
    projection: &'static str,
    number: u64,
}

impl RebuildLock {
    /// Claims the shadow tables and empties them.
    async fn take<V: Projection>(view: &V, database: &Database) -> Result<Self, RebuildError> {
        let mut tx = database.begin_bulk().await?;
        let row = tx.row(&TAKE_LOCK, &[V::NAME.into()]).await?;
        let number = row.map(|row| row.count("number")).transpose()?.unwrap_or(0);
        tx.commit().await?;
        let lock = Self { projection: V::NAME, number };
        lock.clear(view, database).await?;
        Ok(lock)
    }

    /// Empties the shadow tables in small steps, so that others can write.
    async fn clear<V: Projection>(&self, view: &V, database: &Database) -> Result<(), RebuildError> {
        for table in view.tables() {
            let mut is_full = true;
            while is_full {
                let mut tx = database.begin_bulk().await?;
                self.still_ours(&mut tx, 0).await?;
                is_full = table.clear_shadow(&mut tx).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Fails when another rebuild or comparison has begun; none can begin until `tx` ends.
    async fn still_ours(&self, tx: &mut Tx, position: u64) -> Result<(), RebuildError> {
        let values = [position.into(), self.projection.into(), self.number.into()];
        if tx.execute(&KEEP_LOCK, &values).await? == 1 { Ok(()) } else { Err(RebuildError::Conflict) }
    }
}

/// A sentence for each pair of tables that differ, at one moment.
async fn differences<V: Projection>(
    view: &V,
    tx: &mut Tx,
    progress: &mut impl FnMut(Step),
) -> Result<Vec<String>, SqlError> {
    let mut found = Vec::new();
    for table in view.tables() {
        let Difference { missing, extra } = table.compare(tx, progress).await?;
        for (count, what) in [(missing, "lacks or has otherwise"), (extra, "has, against its log,")] {
            if count > 0 {
                found.push(format!("projection {}: table {} {what} {count} rows", V::NAME, table.name));
            }
        }
    }
    Ok(found)
}
