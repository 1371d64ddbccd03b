//! How many places each key with a cap has given away, to customers and to those who were told that they are one because their
//! address was known already: a fold of the service's own log, kept by the log's writer, since caps are decided by it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::events::signups::SignupsEvent;
use event_store::projection_table;
use event_store::projections::{EventEnvelope, Keeper, Projection, Table};
use event_store::sql::{Kind, Sql, SqlError, Tx};
use event_store::sql_rows;

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

static TABLES: LazyLock<[Table; 1]> = LazyLock::new(|| [projection_table!("key_usage", "key": Text)]);

/// Places that keys give away, by key and cap.
pub(super) type Places<'a> = BTreeMap<(&'a str, u64), u64>;

/// Counts places, with what the batch writes next.
pub(super) fn count(tx: &mut Tx, places: &Places<'_>) {
    tx.queue(&COUNT, places.iter().map(|((key, _), count)| usage_row((key, *count))).collect());
}

/// Has what is queued refused where one of the keys would give away more than its cap.
pub(super) fn unless_exceeded(tx: &mut Tx, places: &Places<'_>) {
    let rows = places.iter().map(|((key, cap), count)| vec![(*key).into(), (*count).into(), (*cap).into()]);
    tx.unless(&EXCEEDED, rows.collect());
}

/// The fold.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyUsage;

impl Projection for KeyUsage {
    type Event = SignupsEvent;
    const NAME: &'static str = "key-usage";
    const KEPT_BY: Keeper = Keeper::Writer;

    fn tables(&self) -> &'static [Table] {
        &*TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<SignupsEvent>]) -> Result<(), SqlError> {
        let mut places = Places::new();
        for followed in events {
            let (key, cap) = match &followed.event {
                SignupsEvent::CustomerPlaced(customer) => (&customer.key, customer.key_cap),
                SignupsEvent::SignupRefused(refused) => {
                    (&refused.key, refused.shown.as_ref().and_then(|shown| shown.key_cap))
                }
                _ => continue,
            };
            if let Some(cap) = cap {
                *places.entry((key, cap)).or_default() += 1;
            }
        }
        count(tx, &places);
        Ok(())
    }
}
