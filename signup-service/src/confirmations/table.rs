use contract::clock::Moment;
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use uuid::Uuid;

use crate::confirmations::address::AddressDigest;
use crate::confirmations::model::{Confirmation, KEPT_DAYS};

/// Most confirmations deleted in one statement; between two of them others may write.
pub const DELETED_AT_ONCE: u64 = 500;
const DAY_SECONDS: i64 = 24 * 60 * 60;

sql_rows! {
    static ADD = "INSERT INTO confirmations ({columns}) SELECT {columns} FROM {rows}";
    pub(super) fn confirmation_row(added: (AddressDigest, &Confirmation, Moment)) {
        digest: Bytes = added.0,
        customer_id: Uuid = added.1.customer_id,
        customer_number: Text = &added.1.customer_number,
        agent_name: Text = &added.1.agent_name,
        plan_name: Text = &added.1.plan_name,
        price_text: Text = &added.1.price_text,
        description: Text = &added.1.description,
        ui_elements: Text = serde_json::to_string(&added.1.ui_elements).unwrap_or_default(),
        terms_version: Text = &added.1.terms_version,
        expires_at: Moment = end_of(added.2),
    }
}
/// A further address of a confirmation, which ends with the first.
static COPY: Sql = Sql::rows(
    "INSERT INTO confirmations (digest, customer_id, customer_number, agent_name, plan_name, price_text, description,
         ui_elements, terms_version, expires_at)
     SELECT r.digest, c.customer_id, c.customer_number, c.agent_name, c.plan_name, c.price_text, c.description,
         c.ui_elements, c.terms_version, c.expires_at
     FROM {rows} JOIN confirmations c ON c.digest = (
         SELECT f.digest FROM confirmations f WHERE f.customer_id = r.customer_id ORDER BY f.digest LIMIT 1)",
    &[("digest", Kind::Bytes), ("customer_id", Kind::Uuid)],
);
static FIND: Sql = Sql::new(
    "SELECT customer_id, customer_number, agent_name, plan_name, price_text, description, ui_elements, terms_version
     FROM confirmations WHERE digest = $1 AND expires_at > $2",
);
static FORGET: Sql = Sql::rows("DELETE FROM confirmations WHERE customer_id {among}", &[("customer_id", Kind::Uuid)]);
static DELETE_EXPIRED: Sql = Sql::new(
    "DELETE FROM confirmations WHERE digest IN (
         SELECT digest FROM confirmations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
);

/// When a confirmation of a signup at this moment ends.
fn end_of(signed_up_at: Moment) -> Moment {
    signed_up_at.plus_seconds(KEPT_DAYS * DAY_SECONDS)
}

/// Adds confirmations, each a [`confirmation_row`], with the batch's next statements.
pub(super) fn add(tx: &mut Tx, rows: Vec<Vec<Value>>) {
    tx.queue(&ADD, rows);
}

/// Gives this customer's confirmation a further address, where it is still kept.
pub async fn copy(database: &Database, digest: AddressDigest, customer_id: Uuid) -> Result<(), SqlError> {
    let mut tx = database.begin().await?;
    tx.execute_many(&COPY, vec![vec![digest.into(), customer_id.into()]]).await?;
    tx.commit().await
}

/// The confirmation at an address, until it ends.
pub async fn find(database: &Database, digest: AddressDigest, now: Moment) -> Result<Option<Confirmation>, SqlError> {
    database.row(&FIND, &[digest.into(), now.into()]).await?.as_ref().map(confirmation).transpose()
}

fn confirmation(row: &Row) -> Result<Confirmation, SqlError> {
    let unreadable = |_| SqlError::Column { column: "ui_elements".to_owned() };
    Ok(Confirmation {
        customer_id: row.uuid("customer_id")?,
        customer_number: row.text("customer_number")?,
        agent_name: row.text("agent_name")?,
        plan_name: row.text("plan_name")?,
        price_text: row.text("price_text")?,
        description: row.text("description")?,
        ui_elements: serde_json::from_str(&row.text("ui_elements")?).map_err(unreadable)?,
        terms_version: row.text("terms_version")?,
    })
}

/// Removes the confirmations of customers together with the batch's next statements.
pub fn forget(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) {
    tx.queue(&FORGET, ids.map(|id| vec![id.into()]).collect());
}

/// Deletes confirmations that have ended, [`DELETED_AT_ONCE`] at most; returns their number.
pub async fn delete_expired(database: &Database, now: Moment) -> Result<u64, SqlError> {
    database.execute(&DELETE_EXPIRED, &[now.into(), DELETED_AT_ONCE.into()]).await
}
