//! When what happened to a customer's service, in the customer's row, and the accounts in a table of their own.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::events::signups::SignupsEvent;
use event_store::sql::{Database, Kind, QueuedQuery, Row, Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use uuid::Uuid;

use crate::customers::service::model::{Account, Times};

sql_rows! {
    static SERVE = "UPDATE customers AS c SET provisioned_at = r.provisioned_at, failed_at = r.failed_at,
             suspended_at = r.suspended_at, closed_at = r.closed_at
         FROM {rows} WHERE c.id = r.id";
    fn service_row(one: (Uuid, Times)) {
        id: Uuid = one.0,
        provisioned_at: Moment = one.1.provisioned_at,
        failed_at: Moment = one.1.failed_at,
        suspended_at: Moment = one.1.suspended_at,
        closed_at: Moment = one.1.closed_at,
    }
}
static TIMES: Sql = Sql::rows(
    "SELECT id, provisioned_at, failed_at, suspended_at, closed_at FROM customers WHERE id {among}",
    &[("id", Kind::Uuid)],
);
sql_rows! {
    static ADD = "INSERT INTO customer_accounts ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (customer_id, system) DO UPDATE SET account = excluded.account, details = excluded.details,
             noted_at = excluded.noted_at";
    fn account_row(one: ((Uuid, String), Account, Moment)) {
        customer_id: Uuid = one.0.0,
        system: Text = &one.0.1,
        account: Text = &one.1.name,
        details: Text = details_text(&one.1.details),
        noted_at: Moment = one.2,
    }
}
static ACCOUNTS: Sql = Sql::rows(
    "SELECT customer_id, system, account, details, noted_at FROM customer_accounts WHERE customer_id {among}
     ORDER BY customer_id, system",
    &[("customer_id", Kind::Uuid)],
);
static FORGET: Sql =
    Sql::rows("DELETE FROM customer_accounts WHERE customer_id {among}", &[("customer_id", Kind::Uuid)]);

fn details_text(details: &BTreeMap<String, String>) -> String {
    // Texts by texts are always JSON.
    serde_json::to_string(details).unwrap_or_default()
}

fn account(row: &Row) -> Result<Account, SqlError> {
    let unreadable = |_| SqlError::Column { column: "details".to_owned() };
    let details = serde_json::from_str(&row.text("details")?).map_err(unreadable)?;
    Ok(Account { name: row.text("account")?, details })
}

/// The times in a customer's row.
pub fn times(row: &Row) -> Result<Times, SqlError> {
    Ok(Times {
        provisioned_at: row.opt_moment("provisioned_at")?,
        failed_at: row.opt_moment("failed_at")?,
        suspended_at: row.opt_moment("suspended_at")?,
        closed_at: row.opt_moment("closed_at")?,
    })
}

/// Queues the query for the accounts of these customers.
pub fn query(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) -> QueuedQuery {
    tx.query(&ACCOUNTS, ids.map(|id| vec![id.into()]).collect())
}

/// The accounts, each with its customer and its system.
pub async fn read(tx: &mut Tx, query: QueuedQuery) -> Result<Vec<(Uuid, String, Account)>, SqlError> {
    let rows = tx.read_queued(query).await?;
    rows.iter().map(|row| Ok((row.uuid("customer_id")?, row.text("system")?, account(row)?))).collect()
}

/// The accounts of a customer: the system, the account, and since when it is known.
pub async fn of(database: &Database, customer_id: Uuid) -> Result<Vec<(String, Account, Moment)>, SqlError> {
    let rows = database.rows_for_many(&ACCOUNTS, vec![vec![customer_id.into()]]).await?;
    rows.iter().map(|row| Ok((row.text("system")?, account(row)?, row.moment("noted_at")?))).collect()
}

/// Writes the times of these customers with the batch's next statements.
pub fn serve(tx: &mut Tx, times: BTreeMap<Uuid, Times>) {
    tx.queue(&SERVE, times.into_iter().map(service_row).collect());
}

/// Adds accounts, or changes them, with the batch's next statements.
pub fn add(tx: &mut Tx, accounts: BTreeMap<(Uuid, String), Account>, now: Moment) {
    tx.queue(&ADD, accounts.into_iter().map(|(of, account)| account_row((of, account, now))).collect());
}

/// Removes the accounts of customers together with the batch's next statements.
pub fn forget(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) {
    tx.queue(&FORGET, ids.map(|id| vec![id.into()]).collect());
}

/// Applies events that were restored into the log; the accounts themselves are lost.
pub async fn restore(tx: &mut Tx, events: &[(Uuid, SignupsEvent, Moment)]) -> Result<(), SqlError> {
    let ids: BTreeSet<Uuid> = events.iter().map(|(id, ..)| *id).collect();
    let ids: Vec<Vec<Value>> = ids.into_iter().map(|id| vec![id.into()]).collect();
    let mut served = BTreeMap::new();
    for row in tx.rows_for_many(&TIMES, ids).await? {
        served.insert(row.uuid("id")?, times(&row)?);
    }
    for (id, event, at) in events {
        served.entry(*id).and_modify(|times| *times = times.after(event, *at));
    }
    tx.execute_many(&SERVE, served.into_iter().map(service_row).collect()).await.map(drop)
}
