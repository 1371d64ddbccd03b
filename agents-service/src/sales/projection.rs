//! The projection of the signups' log: who was placed where, how often pages were shown, why signups were refused.

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

/// The fold of the signups' log.
#[derive(Clone, Copy, Debug, Default)]
pub struct SalesProjection;

impl Projection for SalesProjection {
    type Event = SignupsEvent;
    const NAME: &'static str = "sales";
    const IS_ESSENTIAL: bool = false;
    // Figures decide nothing, and each step costs the disk that signups wait for.
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
