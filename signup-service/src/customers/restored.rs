//! Customers whom the log names and the table lacks, after events were restored into the log from its stream. Their
//! personal data are in no event, so they are lost.

use std::collections::HashMap;

use contract::clock::Moment;
use contract::events::Contract;
use contract::events::signups::{CustomerPlaced, SignupsEvent};
use event_store::log::RecordedEvent;
use event_store::sql::{Database, Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use uuid::Uuid;

use crate::confirmations::table as confirmations;
use crate::customers::projection;
use crate::customers::service::model::served_customer;
use crate::customers::service::table as service;
use crate::customers::table::{ERASE, SETTLE_LOST};

const PAGE: u64 = 1_000;

sql_rows! {
    static RESTORE = "INSERT INTO customers ({columns}) SELECT {columns} FROM {rows} WHERE true ON CONFLICT (id) DO NOTHING";
    fn restored_row(restored: (Moment, &CustomerPlaced)) {
        id: Uuid = restored.1.customer_id,
        customer_number: Text = &restored.1.customer_number,
        key: Text = &restored.1.key,
        agent_id: Uuid = restored.1.agent_id,
        call_plan_id: Uuid = restored.1.call_plan_id,
        group_id: Uuid = restored.1.group_id,
        terms_version: Text = &restored.1.terms_version,
        placed_at: Moment = restored.0,
    }
}
static WITHOUT_DATA: Sql = Sql::new(
    "SELECT id FROM customers WHERE id > $1 AND email_digest IS NULL AND erased_at IS NULL AND lost_at IS NULL
     ORDER BY id LIMIT $2",
);

/// Adds the customers whom these events place and the table lacks, without personal data, and removes the personal
/// data of customers whom the events erase or declare lost.
pub async fn restore(tx: &mut Tx, page: &[RecordedEvent]) -> Result<(), SqlError> {
    let unreadable = |_| SqlError::Column { column: "data".to_owned() };
    // Each customer once: the statements expect one row per customer.
    let (mut placed, mut erased, mut lost) = (Vec::<Vec<Value>>::new(), HashMap::new(), HashMap::new());
    let mut served = Vec::new();
    for event in page {
        let at = event.recorded_at;
        match SignupsEvent::read(&event.type_name, &event.data).map_err(unreadable)? {
            Some(SignupsEvent::CustomerPlaced(customer)) => placed.push(restored_row((at, &customer))),
            Some(SignupsEvent::CustomerErased(customer)) => drop(erased.insert(customer.customer_id, at)),
            Some(SignupsEvent::CustomerDataLost(customer)) => drop(lost.insert(customer.customer_id, at)),
            // Corrected values and accounts are in no event.
            Some(event) => served.extend(served_customer(&event).map(|id| (id, event, at))),
            None => {}
        }
    }
    projection::forget(tx, erased.keys().chain(lost.keys()).copied());
    confirmations::forget(tx, erased.keys().chain(lost.keys()).copied());
    service::forget(tx, erased.keys().chain(lost.keys()).copied());
    let moments = |customers: HashMap<Uuid, Moment>| customers.into_iter().map(|(id, at)| vec![id.into(), at.into()]);
    // In this order: the statements may change the same rows.
    tx.execute_many(&RESTORE, placed).await?;
    tx.execute_many(&ERASE, moments(erased).collect()).await?;
    tx.execute_many(&SETTLE_LOST, moments(lost).collect()).await?;
    service::restore(tx, &served).await
}

/// Customers after this one without personal data, where the log does not give the reason.
pub async fn without_data(database: &Database, after: Uuid) -> Result<Vec<Uuid>, SqlError> {
    let rows = database.rows(&WITHOUT_DATA, &[after.into(), PAGE.into()]).await?;
    rows.iter().map(|row| row.uuid("id")).collect()
}
