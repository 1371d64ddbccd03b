//! How many places each key with a cap has given away, to customers and to visitors with a known address who saw a
//! decoy. The log's writer keeps this fold of the service's own log in its transactions, since it decides caps.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::clock::Moment;
use contract::events::signups::SignupsEvent;
use event_store::projection_table;
use event_store::projections::{EventEnvelope, Keeper, Projection, Table};
use event_store::sql::{Kind, Sql, SqlError, Tx};
use event_store::sql_rows;
use smol_str::SmolStr;

use crate::batch::BatchPart;
use crate::keys::model::KeyRow;

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

/// The places that a batch gives away, by key and cap.
#[derive(Default)]
pub struct PlacesOfBatch(BTreeMap<(SmolStr, u64), u64>);

impl PlacesOfBatch {
    /// Counts a place of this key; keys without a cap are not counted.
    pub fn take(&mut self, row: &KeyRow) {
        if let Some(cap) = row.cap {
            *self.0.entry((row.key.clone(), cap)).or_default() += 1;
        }
    }
}

impl BatchPart for PlacesOfBatch {
    fn write(&mut self, tx: &mut Tx, _: Moment, is_guessed: bool) {
        if is_guessed {
            let rows =
                self.0.iter().map(|((key, cap), count)| vec![key.as_str().into(), (*count).into(), (*cap).into()]);
            tx.unless(&EXCEEDED, rows.collect());
        }
        tx.queue(&COUNT, self.0.iter().map(|((key, _), count)| usage_row((key, *count))).collect());
    }
}

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
        let mut places = BTreeMap::<&str, u64>::new();
        for followed in events {
            let (key, cap) = match &followed.event {
                SignupsEvent::CustomerPlaced(customer) => (&customer.key, customer.key_cap),
                SignupsEvent::SignupRefused(refused) => {
                    (&refused.key, refused.shown.as_ref().and_then(|shown| shown.key_cap))
                }
                _ => continue,
            };
            if cap.is_some() {
                *places.entry(key).or_default() += 1;
            }
        }
        tx.queue(&COUNT, places.into_iter().map(usage_row).collect());
        Ok(())
    }
}
