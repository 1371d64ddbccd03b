//! Folding a view anew, in its twin tables, while the live ones serve: to switch over in one transaction, or only to
//! compare the two.

use std::collections::HashSet;

use super::follower::read_all;
use super::{Checkpoint, Difference, View, parked};
use crate::log::Recorded;
use crate::sql::{Database, Sql, SqlError, Tx};

static SWITCH: Sql =
    Sql::new("UPDATE checkpoints SET position = $1, generation = generation + 1 WHERE view = $2 AND position <= $1");
static STANDS_AT: Sql = Sql::new("SELECT position FROM checkpoints WHERE view = $1");
static HOLD: Sql = Sql::new("UPDATE checkpoints SET position = position WHERE view = $1 RETURNING position");

static TAKE_TURN: Sql = Sql::new(
    "INSERT INTO checkpoints (view, position, generation) VALUES ($1, 0, 1)
     ON CONFLICT (view) DO UPDATE SET position = 0, generation = checkpoints.generation + 1 RETURNING generation",
);
static KEEP_TURN: Sql = Sql::new("UPDATE checkpoints SET position = $1 WHERE view = $2 AND generation = $3");

/// How far long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Events are folded up to this position.
    Folded(u64),
    /// Of the rows of a table, so many are compared.
    Compared {
        /// The table.
        table: &'static str,
        /// How many are done.
        rows: u64,
        /// How many there are.
        of: u64,
    },
    /// What is folded takes a table's place.
    Switching {
        /// The table.
        table: &'static str,
    },
}

/// Where the events of a rebuild come from: the log itself, or its owner.
pub type Source<'a> = &'a mut crate::feed::Feed;

/// Why a view could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database's own trouble.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The events cannot be had.
    #[error(transparent)]
    Feed(#[from] crate::feed::FeedError),
    /// An event does not fit its type.
    #[error("an event up to position {0} does not fit its type")]
    Misfit(u64),
    /// The feed skipped events.
    #[error("the feed has a hole behind position {0}")]
    Hole(u64),
    /// The twin tables serve one at a time.
    #[error("another rebuild or verification of the view has begun")]
    Overtaken,
}

/// Rebuilds a view and switches over; answers the position it stands at. `progress` is told each step.
pub async fn rebuild<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    progress: impl FnMut(Step),
) -> Result<u64, RebuildError> {
    let mut progress = progress;
    let turn = Turn::begin(view, database).await?;
    let mut position = 0;
    let mut tx = loop {
        position = fold_to_live(view, database, source, position, &turn, &mut progress).await?;
        let mut tx = database.begin_rewriting().await?;
        turn.still_ours(&mut tx, position).await?;
        // From here to the commit the follower waits, so the live view cannot run ahead of the new one.
        if reached(&mut tx, &HOLD, V::NAME).await? <= position {
            break tx;
        }
    };
    for table in view.tables() {
        progress(Step::Switching { table: table.name });
        tx.execute(&table.clear, &[]).await?;
        tx.execute(&table.fill, &[]).await?;
        tx.execute(&table.clear_rebuild, &[]).await?;
    }
    tx.execute(&SWITCH, &[position.into(), V::NAME.into()]).await?;
    tx.commit().await?;
    Ok(position)
}

/// Folds the view up to where the live one stands and compares them; answers each difference in plain words.
pub async fn compare<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    progress: impl FnMut(Step),
) -> Result<Vec<String>, RebuildError> {
    let mut progress = progress;
    let turn = Turn::begin(view, database).await?;
    let mut position = 0;
    let differences = loop {
        position = fold_to_live(view, database, source, position, &turn, &mut progress).await?;
        // Both as they are at one moment; the follower goes on meanwhile.
        let mut tx = database.begin_reading().await?;
        if reached(&mut tx, &STANDS_AT, V::NAME).await? <= position {
            break differences(view, &mut tx, &mut progress).await?;
        }
    };
    let mut tx = database.begin_rewriting().await?;
    turn.still_ours(&mut tx, position).await?;
    for table in view.tables() {
        tx.execute(&table.clear_rebuild, &[]).await?;
    }
    tx.commit().await?;
    Ok(differences)
}

/// The position of the live view.
async fn reached(tx: &mut Tx, sql: &Sql, view: &str) -> Result<u64, SqlError> {
    tx.row(sql, &[view.into()]).await?.map_or(Ok(0), |row| row.count("position"))
}

/// Folds the view in its twin tables up to where the live one is now; answers that position.
async fn fold_to_live<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    position: u64,
    turn: &Turn,
    progress: &mut impl FnMut(Step),
) -> Result<u64, RebuildError> {
    let (live, _) = Checkpoint::open(database.clone(), V::NAME).await?.read().await?;
    fold(view, database, source, position, live, turn, progress).await
}

/// The use of a view's twin tables: whoever began last has it, and whoever had it before must stop.
struct Turn {
    name: String,
    number: u64,
    /// Positions that are parked, and so left out.
    skip: HashSet<u64>,
}

impl Turn {
    /// Takes the twin tables over and empties them.
    async fn begin<V: View>(view: &V, database: &Database) -> Result<Self, SqlError> {
        let name = format!("{}_rebuild", V::NAME);
        let mut tx = database.begin().await?;
        let row = tx.row(&TAKE_TURN, &[name.as_str().into()]).await?;
        let number = row.map(|row| row.count("generation")).transpose()?.unwrap_or(0);
        for table in view.tables() {
            tx.execute(&table.clear_rebuild, &[]).await?;
        }
        tx.commit().await?;
        let parked = parked::list(database).await?.into_iter().filter(|event| event.view == V::NAME);
        Ok(Self { name, number, skip: parked.map(|event| event.position).collect() })
    }

    /// Fails when another rebuild or comparison has begun; until `tx` ends, none can.
    async fn still_ours(&self, tx: &mut Tx, position: u64) -> Result<(), RebuildError> {
        let values = [position.into(), self.name.as_str().into(), self.number.into()];
        if tx.execute(&KEEP_TURN, &values).await? == 1 { Ok(()) } else { Err(RebuildError::Overtaken) }
    }
}

/// Both tables of each pair as they are at one moment, by differences in plain words.
async fn differences<V: View>(view: &V, tx: &mut Tx, progress: &mut impl FnMut(Step)) -> Result<Vec<String>, SqlError> {
    let mut found = Vec::new();
    for table in view.tables() {
        let Difference { missing, extra } = table.compare(tx, progress).await?;
        for (count, what) in [(missing, "lacks or has otherwise"), (extra, "has, against its log,")] {
            if count > 0 {
                found.push(format!("view {}: table {} {what} {count} rows", V::NAME, table.name));
            }
        }
    }
    Ok(found)
}

/// Folds events into the twin tables from behind `position` up to `end`.
async fn fold<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    mut position: u64,
    end: u64,
    turn: &Turn,
    progress: &mut impl FnMut(Step),
) -> Result<u64, RebuildError> {
    let mut page = behind(source, position, end).await?;
    while let Some(last) = page.last().map(|event| event.position) {
        // While the database has its turn, the feed has its own.
        let (folded, next) = tokio::join!(fold_page(view, database, &page, last, turn), behind(source, last, end));
        folded?;
        progress(Step::Folded(last));
        (position, page) = (last, next?);
    }
    Ok(position)
}

/// The next events behind `position`, up to `end`; none when it is reached.
async fn behind(source: Source<'_>, position: u64, end: u64) -> Result<Vec<Recorded>, RebuildError> {
    if position >= end {
        return Ok(Vec::new());
    }
    let mut page = source.next(position).await?;
    page.retain(|event| event.position <= end);
    if page.first().is_none_or(|event| event.position != position + 1) {
        return Err(RebuildError::Hole(position));
    }
    Ok(page)
}

async fn fold_page<V: View>(
    view: &V,
    database: &Database,
    page: &[Recorded],
    last: u64,
    turn: &Turn,
) -> Result<(), RebuildError> {
    let free = page.iter().filter(|event| !turn.skip.contains(&event.position));
    let events = read_all::<V>(free).map_err(|_| RebuildError::Misfit(last))?;
    let mut tx = database.begin().await?;
    turn.still_ours(&mut tx, last).await?;
    tx.in_rebuild();
    view.apply(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(())
}
