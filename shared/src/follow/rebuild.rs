//! Folding a view anew, in its twin tables, while the live ones serve: to switch over in one transaction, or only to
//! compare the two.

use std::collections::HashSet;

use super::follower::read_all;
use super::{Checkpoint, View, parked};
use crate::log::Recorded;
use crate::sql::{Database, Sql, SqlError, Tx};

static SWITCH: Sql =
    Sql::new("UPDATE checkpoints SET position = $1, generation = generation + 1 WHERE view = $2 AND position <= $1");
static HOLD: Sql = Sql::new("UPDATE checkpoints SET position = position WHERE view = $1 RETURNING position");

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
    #[error("an event behind position {0} does not fit its type")]
    Misfit(u64),
    /// The feed skipped events.
    #[error("the feed has a hole behind position {0}")]
    Hole(u64),
}

/// Rebuilds a view and switches over; answers the position it stands at. `progress` is told each position reached.
pub async fn rebuild<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    mut progress: impl FnMut(u64),
) -> Result<u64, RebuildError> {
    let checkpoint = Checkpoint::open(database.clone(), V::NAME).await?;
    let skip = clear(view, database).await?;
    let mut position = 0;
    loop {
        let (live, _) = checkpoint.read().await?;
        position = fold(view, database, source, position, live, &skip, &mut progress).await?;
        let mut tx = database.begin().await?;
        // From here to the commit the follower waits, so the live view cannot run ahead of the new one.
        let held = tx.row(&HOLD, &[V::NAME.into()]).await?;
        let held = held.map(|row| row.count("position")).transpose()?.unwrap_or(0);
        if held > position {
            continue;
        }
        for table in view.tables() {
            tx.execute(&table.clear, &[]).await?;
            tx.execute(&table.fill, &[]).await?;
            tx.execute(&table.clear_rebuild, &[]).await?;
        }
        tx.execute(&SWITCH, &[position.into(), V::NAME.into()]).await?;
        tx.commit().await?;
        return Ok(position);
    }
}

/// Folds the view up to where the live one stands and compares them; answers each difference in plain words.
pub async fn compare<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    mut progress: impl FnMut(u64),
) -> Result<Vec<String>, RebuildError> {
    let checkpoint = Checkpoint::open(database.clone(), V::NAME).await?;
    let skip = clear(view, database).await?;
    let mut position = 0;
    loop {
        let (live, _) = checkpoint.read().await?;
        position = fold(view, database, source, position, live, &skip, &mut progress).await?;
        let mut tx = database.begin().await?;
        let held = tx.row(&HOLD, &[V::NAME.into()]).await?;
        let held = held.map(|row| row.count("position")).transpose()?.unwrap_or(0);
        if held > position {
            continue;
        }
        let differences = differences(view, &mut tx).await?;
        for table in view.tables() {
            tx.execute(&table.clear_rebuild, &[]).await?;
        }
        tx.commit().await?;
        return Ok(differences);
    }
}

async fn differences<V: View>(view: &V, tx: &mut Tx) -> Result<Vec<String>, SqlError> {
    let mut found = Vec::new();
    for table in view.tables() {
        for (sql, what) in [(&table.missing, "lacks or has otherwise"), (&table.extra, "has, against its log,")] {
            let row = tx.row(sql, &[]).await?;
            let count = row.map(|row| row.int("n")).transpose()?.unwrap_or(0);
            if count > 0 {
                found.push(format!("view {}: table {} {what} {count} rows", V::NAME, table.name));
            }
        }
    }
    Ok(found)
}

/// Empties the twin tables; answers the positions that are parked and so left out.
async fn clear<V: View>(view: &V, database: &Database) -> Result<HashSet<u64>, SqlError> {
    let mut tx = database.begin().await?;
    for table in view.tables() {
        tx.execute(&table.clear_rebuild, &[]).await?;
    }
    tx.commit().await?;
    let parked = parked::list(database).await?;
    Ok(parked.into_iter().filter(|event| event.view == V::NAME).map(|event| event.position).collect())
}

/// Folds events into the twin tables from behind `position` up to `end`.
async fn fold<V: View>(
    view: &V,
    database: &Database,
    source: Source<'_>,
    mut position: u64,
    end: u64,
    skip: &HashSet<u64>,
    progress: &mut impl FnMut(u64),
) -> Result<u64, RebuildError> {
    while position < end {
        let page = source.next(position).await?;
        if page.first().is_none_or(|event| event.position != position + 1) {
            return Err(RebuildError::Hole(position));
        }
        let page: Vec<Recorded> = page.into_iter().take_while(|event| event.position <= end).collect();
        let free = page.iter().filter(|event| !skip.contains(&event.position));
        let events = read_all::<V>(free).map_err(|_| RebuildError::Misfit(position))?;
        let mut tx = database.begin().await?;
        tx.in_rebuild();
        view.apply(&mut tx, &events).await?;
        tx.commit().await?;
        position = page.last().map_or(position, |event| event.position);
        progress(position);
    }
    Ok(position)
}
