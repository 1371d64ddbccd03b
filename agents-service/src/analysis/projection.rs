//! What payments, refunds and commission add up to, by quarter hour and the placement of their customers, with roll-ups. A payment
//! counts when it was received; a refund, a chargeback, a won dispute and commission for a signup when they were recorded.

use event_store::projection_table;

use crate::analysis::changes::Changes;
use crate::analysis::sums;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || {
        vec![
            projection_table!("money_payments", "payment_id": Uuid),
            projection_table!("money_refunds", "payment_id": Uuid),
            projection_table!("money_quarters", "quarter": Int),
            projection_table!("money_totals", "quarter": Int).summed_by(&sums::OF_TOTALS),
            projection_table!("money_spans", "span": Int).summed_by(&sums::OF_SPANS),
            projection_table!("money_campaign_days", "day": Int).summed_by(&sums::OF_CAMPAIGN_DAYS),
            projection_table!("money_cohorts", "agent_id": Uuid),
        ]
    },
    apply: Apply::Page(|tx, events| {
        Box::pin(async move {
            let mut changes = Changes::read(tx, events).await?;
            for event in events {
                changes.take(event);
            }
            changes.queue(tx);
            Ok(())
        })
    }),
};
