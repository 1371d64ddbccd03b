//! Customers of whom the log tells and the table does not, since events were taken back into the log from its stream: their
//! personal data are in no event, and so are lost.

use shared::clock::Moment;
use shared::events::Contract;
use shared::events::signups::{CustomerPlaced, SignupsEvent};
use shared::log::Recorded;
use shared::sql::{Database, Sql, SqlError, Tx, Value};
use shared::sql_rows;
use uuid::Uuid;

/// Customers that are named at a time.
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

/// Adds the customers whom these events place and the table lacks, without personal data, and erases whom they erase.
pub async fn restore(tx: &mut Tx, page: &[Recorded]) -> Result<(), SqlError> {
    let unreadable = |_| SqlError::Column { column: "data".to_owned() };
    let (mut placed, mut erased) = (Vec::<Vec<Value>>::new(), Vec::new());
    for event in page {
        match SignupsEvent::read(&event.type_name, &event.data).map_err(unreadable)? {
            Some(SignupsEvent::CustomerPlaced(customer)) => placed.push(restored_row((event.recorded_at, &customer))),
            Some(SignupsEvent::CustomerErased(customer)) => erased.push((customer.customer_id, event.recorded_at)),
            _ => {}
        }
    }
    tx.execute_many(&RESTORE, placed).await?;
    for (customer_id, at) in erased {
        super::erase(tx, std::iter::once(customer_id), at);
    }
    Ok(())
}

/// Customers behind this one who have no personal data, and of whom the log does not say why.
pub async fn without_data(database: &Database, after: Uuid) -> Result<Vec<Uuid>, SqlError> {
    let rows = database.rows(&WITHOUT_DATA, &[after.into(), PAGE.into()]).await?;
    rows.iter().map(|row| row.uuid("id")).collect()
}
