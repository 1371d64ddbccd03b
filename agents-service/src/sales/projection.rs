//! The projection of the signups' log: placements, page views and refusals.

use std::time::Duration;

use contract::events::signups::SignupsEvent;
use event_store::projection_table;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{SqlError, Tx};

use crate::sales::changes::Changes;

static TABLES: [Table; 4] = [
    projection_table!("sales_placements", "position": Int),
    projection_table!("sales_daily", "key": Text),
    projection_table!("sales_refusals", "key": Text),
    projection_table!("unknown_keys", "day": Int),
];

#[derive(Clone, Copy, Debug, Default)]
pub struct SalesProjection;

impl Projection for SalesProjection {
    type Event = SignupsEvent;
    const NAME: &'static str = "sales";
    const IS_ESSENTIAL: bool = false;
    // Nothing is decided by sales, and each transaction uses disk time that signups need.
    const MAY_LAG: Duration = Duration::from_secs(1);

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<SignupsEvent>]) -> Result<(), SqlError> {
        let mut changes = Changes::default();
        for followed in events {
            changes.take(followed);
        }
        changes.write(tx).await
    }
}
