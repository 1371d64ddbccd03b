//! Customers whom no system serves yet, the oldest first.

use contract::clock::Moment;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::keys::placed::Placed;

static WAITING: Sql = Sql::new(
    "SELECT id, customer_number, key, agent_id, call_plan_id, group_id, placed_at, failed_at FROM customers
     WHERE provisioned_at IS NULL AND suspended_at IS NULL AND closed_at IS NULL AND erased_at IS NULL AND lost_at IS NULL
         AND id > $1 AND placed_at <= $2 ORDER BY id LIMIT $3",
);

/// A customer whom no system serves yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaitingCustomer {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub placed_at: Moment,
    pub placement: Placed,
    /// When a system last failed to serve the customer.
    pub failed_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Only those who were placed until this moment.
    pub placed_until: Moment,
    /// The cursor of the previous page.
    pub after: Option<Uuid>,
    pub limit: usize,
}

/// A page of waiting customers, and the cursor of the next one.
pub async fn waiting(database: &Database, filter: &Filter) -> Result<(Vec<WaitingCustomer>, Option<Uuid>), SqlError> {
    let one_more = u64::try_from(filter.limit).unwrap_or(u64::MAX - 1) + 1;
    let values = [filter.after.unwrap_or(Uuid::nil()).into(), filter.placed_until.into(), one_more.into()];
    let rows = database.rows(&WAITING, &values).await?;
    let mut items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let has_more = items.len() > filter.limit;
    items.truncate(filter.limit);
    let next = items.last().filter(|_| has_more).map(|item| item.customer_id);
    Ok((items, next))
}

fn read(row: &Row) -> Result<WaitingCustomer, SqlError> {
    Ok(WaitingCustomer {
        customer_id: row.uuid("id")?,
        customer_number: row.text("customer_number")?,
        placed_at: row.moment("placed_at")?,
        placement: Placed {
            key: row.text("key")?,
            agent_id: row.uuid("agent_id")?,
            call_plan_id: row.uuid("call_plan_id")?,
            group_id: row.uuid("group_id")?,
        },
        failed_at: row.opt_moment("failed_at")?,
    })
}
