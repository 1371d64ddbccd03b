//! How many customers each key with a cap has placed: a fold of the service's own log, kept by the log's writer, since caps are
//! decided by it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use shared::events::signups::SignupsEvent;
use shared::follow::{Followed, Keeper, Table, View};
use shared::sql::{Kind, Sql, SqlError, Tx};
use shared::{sql_rows, view_table};

sql_rows! {
    static COUNT = "INSERT INTO key_usage{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (key) DO UPDATE SET placed = t.placed + excluded.placed";
    fn usage_row(usage: (&str, u64)) {
        key: Text = usage.0,
        placed: Int = usage.1,
    }
}
static EXCEEDED: Sql = Sql::rows(
    "SELECT 1 FROM {rows} JOIN key_usage u ON u.key = r.key WHERE u.placed + r.placed > r.cap",
    &[("key", Kind::Text), ("placed", Kind::Int), ("cap", Kind::Int)],
);

static TABLES: LazyLock<[Table; 1]> = LazyLock::new(|| [view_table!("key_usage", "key": Text)]);

/// Customers that keys place, by key and cap.
pub(super) type Placed<'a> = BTreeMap<(&'a str, u64), u64>;

/// Counts placements, with what the batch writes next.
pub(super) fn count(tx: &mut Tx, placed: &Placed<'_>) {
    tx.queue(&COUNT, placed.iter().map(|((key, _), count)| usage_row((key, *count))).collect());
}

/// Has what is queued refused where one of the keys would place more than its cap.
pub(super) fn unless_exceeded(tx: &mut Tx, placed: &Placed<'_>) {
    let rows = placed.iter().map(|((key, cap), count)| vec![(*key).into(), (*count).into(), (*cap).into()]);
    tx.unless(&EXCEEDED, rows.collect());
}

/// The fold.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyUsage;

impl View for KeyUsage {
    type Event = SignupsEvent;
    const NAME: &'static str = "key-usage";
    const KEPT_BY: Keeper = Keeper::Writer;

    fn tables(&self) -> &'static [Table] {
        &*TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[Followed<SignupsEvent>]) -> Result<(), SqlError> {
        let mut placed = Placed::new();
        for followed in events {
            if let SignupsEvent::CustomerPlaced(customer) = &followed.event
                && let Some(cap) = customer.key_cap
            {
                *placed.entry((&customer.key, cap)).or_default() += 1;
            }
        }
        count(tx, &placed);
        Ok(())
    }
}
