//! How many places each key has given away, to customers and to visitors with a known address who saw a
//! decoy. The log's writer keeps this fold of the service's own log in its transactions, since it decides caps.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::clock::Moment;
use contract::events::signups::{SignupRefused, SignupsEvent};
use event_store::projection_table;
use event_store::projections::{EventEnvelope, Keeper, Projection, Table};
use event_store::sql::{Kind, Sql, SqlError, Tx};
use event_store::sql_rows;
use smol_str::SmolStr;

use crate::batch::BatchPart;
use crate::keys::model::KeyRow;

sql_rows! {
    static COUNT = "INSERT INTO key_usage{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (key) DO UPDATE SET placed = t.placed + excluded.placed, cap = excluded.cap";
    fn usage_row(usage: (&str, &Places)) {
        key: Text = usage.0,
        placed: Int = usage.1.count,
        cap: Int = usage.1.cap,
    }
}
static EXCEEDED: Sql = Sql::rows(
    "SELECT 1 FROM {rows} JOIN key_usage u ON u.key = r.key WHERE u.placed + r.placed > r.cap",
    &[("key", Kind::Text), ("placed", Kind::Int), ("cap", Kind::Int)],
);

static TABLES: LazyLock<[Table; 1]> = LazyLock::new(|| [projection_table!("key_usage", "key": Text)]);

/// The places of one key, and the cap by which the last of them was decided. All are counted, since a cap may be set later.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    count: u64,
    cap: Option<u64>,
}

impl Places {
    fn take(&mut self, cap: Option<u64>) {
        *self = Self { count: self.count + 1, cap };
    }
}

/// The places that a batch gives away, by key.
#[derive(Default)]
pub struct PlacesOfBatch(BTreeMap<SmolStr, Places>);

impl PlacesOfBatch {
    /// Counts a place of this key.
    pub fn take(&mut self, row: &KeyRow) {
        self.0.entry(row.key.clone()).or_default().take(row.cap);
    }
}

impl BatchPart for PlacesOfBatch {
    fn write(&mut self, tx: &mut Tx, _: Moment, is_guessed: bool) {
        if is_guessed {
            let capped = self.0.iter().filter(|(_, places)| places.cap.is_some());
            tx.unless(&EXCEEDED, capped.map(|(key, places)| usage_row((key, places))).collect());
        }
        tx.queue(&COUNT, self.0.iter().map(|(key, places)| usage_row((key, places))).collect());
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
        let mut places = BTreeMap::<&str, Places>::new();
        for followed in events {
            let (key, cap) = match &followed.event {
                SignupsEvent::CustomerPlaced(customer) => (&customer.key, customer.key_cap),
                SignupsEvent::SignupRefused(SignupRefused { key, shown: Some(shown), .. }) => (key, shown.key_cap),
                _ => continue,
            };
            places.entry(key).or_default().take(cap);
        }
        tx.queue(&COUNT, places.iter().map(|(key, places)| usage_row((key, places))).collect());
        Ok(())
    }
}
