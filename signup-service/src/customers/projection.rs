//! The search words of customers. They are personal data, so they are read from the customers' table; the service's
//! own log only says which customers have changed, so signups do not wait for the words. An erasure removes the words
//! in its own transaction.

use std::collections::BTreeSet;

use contract::events::signups::SignupsEvent;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::search::{Words, WordsTable};
use event_store::sql::{Kind, Row, Sql, SqlError, Tx, Value};
use event_store::{projection_table, words_table};
use uuid::Uuid;

static TABLES: [Table; 1] = [projection_table!("customer_words", "customer_id": Uuid)];

static PERSONAL: Sql = Sql::rows(
    "SELECT id, email, first_name, last_name, company, city, phone, phone_e164 FROM customers WHERE id {among}",
    &[("id", Kind::Uuid)],
);
static REMOVE: Sql =
    Sql::rows("DELETE FROM customer_words{shadow} WHERE customer_id {among}", &[("customer_id", Kind::Uuid)]);
/// A rebuild may have written words for the customer since.
static REMOVE_REBUILT: Sql =
    Sql::rows("DELETE FROM customer_words_shadow WHERE customer_id {among}", &[("customer_id", Kind::Uuid)]);
pub(super) static WORDS: WordsTable = words_table!("customer_words", "customer_id": Uuid);

/// Removes the search words of customers together with the batch's next statements.
pub(super) fn forget(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) {
    let ids: Vec<Vec<Value>> = ids.map(|id| vec![id.into()]).collect();
    if !ids.is_empty() {
        tx.erases();
    }
    tx.queue(&REMOVE, ids.clone());
    tx.queue(&REMOVE_REBUILT, ids);
}

#[derive(Clone, Copy, Debug, Default)]
pub struct CustomerWords;

impl Projection for CustomerWords {
    type Event = SignupsEvent;
    const NAME: &'static str = "customer-words";
    const IS_ESSENTIAL: bool = false;
    // A larger page would delay signups on SQLite, where each page holds the write lock.
    const PAGE: usize = 100;
    const RESTS: u32 = 9;

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<SignupsEvent>]) -> Result<(), SqlError> {
        let ids: BTreeSet<Uuid> = events.iter().filter_map(|followed| customer_of(&followed.event)).collect();
        let ids: Vec<Vec<Value>> = ids.into_iter().map(|id| vec![id.into()]).collect();
        if ids.is_empty() {
            return Ok(());
        }
        tx.execute_many(&REMOVE, ids.clone()).await?;
        let mut added = Vec::new();
        for row in tx.rows_for_many(&PERSONAL, ids).await? {
            added.push((row.uuid("id")?.into(), words(&row)?));
        }
        WORDS.add(tx, added);
        Ok(())
    }
}

fn customer_of(event: &SignupsEvent) -> Option<Uuid> {
    match event {
        SignupsEvent::CustomerPlaced(customer) => Some(customer.customer_id),
        SignupsEvent::CustomerCorrected(customer) => Some(customer.customer_id),
        SignupsEvent::CustomerErased(customer) => Some(customer.customer_id),
        SignupsEvent::CustomerDataLost(customer) => Some(customer.customer_id),
        // The rest changes nothing that customers are found by.
        _ => None,
    }
}

fn words(row: &Row) -> Result<Words, SqlError> {
    let mut words = Words::default();
    for column in ["first_name", "last_name", "company", "city"] {
        words.text(&row.opt_text(column)?.unwrap_or_default());
    }
    words.email(&row.opt_text("email")?.unwrap_or_default());
    for column in ["phone", "phone_e164"] {
        words.phone(&row.opt_text(column)?.unwrap_or_default());
    }
    Ok(words)
}
