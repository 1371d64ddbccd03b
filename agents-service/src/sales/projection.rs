//! The projection of the signups' log: placements, page views and refusals.

use std::sync::LazyLock;
use std::time::Duration;

use contract::events::signups::SignupsEvent;
use event_store::projection_table;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{Database, Sql, SqlError, Tx};

use crate::sales::changes::Changes;
use crate::sales::sums;

static TABLES: LazyLock<[Table; 9]> = LazyLock::new(|| {
    [
        projection_table!("sales_placements", "position": Int),
        projection_table!("sales_daily", "key": Text).summed_by(&sums::OF_DAILY),
        projection_table!("sales_refusals", "key": Text),
        projection_table!("unknown_keys", "day": Int),
        projection_table!("sales_quarters", "quarter": Int),
        projection_table!("sales_spans", "span": Int).summed_by(&sums::OF_SPANS),
        projection_table!("sales_totals", "quarter": Int).summed_by(&sums::OF_TOTALS),
        projection_table!("sales_campaign_days", "day": Int).summed_by(&sums::OF_CAMPAIGN_DAYS),
        projection_table!("sales_refusal_quarters", "quarter": Int),
    ]
});

#[derive(Clone, Copy, Debug, Default)]
pub struct SalesProjection;

// Whatever is counted is counted by quarter hour too, so only a database from before these sums has none.
static HAS_SUMS: Sql = Sql::new(
    "SELECT (EXISTS (SELECT 1 FROM sales_quarters) OR EXISTS (SELECT 1 FROM sales_refusal_quarters)
         OR NOT (EXISTS (SELECT 1 FROM sales_daily) OR EXISTS (SELECT 1 FROM sales_refusals))) AS kept",
);
static FORGET: [Sql; 11] = [
    Sql::new("DELETE FROM sales_placements"),
    Sql::new("DELETE FROM sales_daily"),
    Sql::new("DELETE FROM sales_refusals"),
    Sql::new("DELETE FROM unknown_keys"),
    Sql::new("DELETE FROM sales_quarters"),
    Sql::new("DELETE FROM sales_spans"),
    Sql::new("DELETE FROM sales_totals"),
    Sql::new("DELETE FROM sales_campaign_days"),
    Sql::new("DELETE FROM sales_refusal_quarters"),
    Sql::new("DELETE FROM parked_events WHERE projection = 'sales'"),
    Sql::new("DELETE FROM checkpoints WHERE projection = 'sales'"),
];

impl SalesProjection {
    /// Whether it was made before it had sums by quarter hour.
    pub async fn lacks_sums(database: &Database) -> Result<bool, SqlError> {
        let row = database.row(&HAS_SUMS, &[]).await?;
        Ok(row.map(|row| row.flag("kept")).transpose()? == Some(false))
    }

    /// Empties it, so that the projector follows the signups' log from its beginning: at a start that log may be out of reach.
    pub async fn follow_anew(database: &Database) -> Result<(), SqlError> {
        let mut tx = database.begin_bulk().await?;
        for forget in &FORGET {
            tx.execute(forget, &[]).await?;
        }
        tx.commit().await
    }
}

impl Projection for SalesProjection {
    type Event = SignupsEvent;
    const NAME: &'static str = "sales";
    const IS_ESSENTIAL: bool = false;
    // Nothing is decided by sales, and each transaction uses disk time that signups need.
    const MAY_LAG: Duration = Duration::from_secs(1);

    fn tables(&self) -> &'static [Table] {
        &*TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<SignupsEvent>]) -> Result<(), SqlError> {
        let mut changes = Changes::default();
        for followed in events {
            changes.take(followed);
        }
        changes.write(tx).await
    }
}
