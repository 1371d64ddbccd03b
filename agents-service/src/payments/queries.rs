//! Lists of payments and of reversals that need an operator, newest first; and one payment, folded from its stream.

use contract::clock::Moment;
use contract::events::payments::{NotApplied, PaymentCustomer, ReversalKind};
use contract::money::{Currency, Money};
use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::batch::BatchContext;
use crate::columns::read_word;
use crate::ledger::amount::from_column;
use crate::paging::{Order, Page, by_position, one_more};
use crate::payments::model::{Payment, id, stream};
use crate::payments::snapshot::PaymentSnapshot;

/// A payment in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PaymentItem {
    /// Its position in the log.
    pub position: u64,
    pub reference: String,
    pub customer_id: Option<Uuid>,
    pub customer_number: Option<String>,
    /// Who earns by the payment; null while its customer is unknown.
    pub agent_id: Option<Uuid>,
    pub amount: Money,
    /// What is left after refunds and chargebacks.
    pub amount_left: Money,
    /// The commission on what is left.
    pub commission: Money,
    pub received_at: Moment,
}

/// A refund or chargeback that waits for its payment, or does not fit it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OpenReversal {
    pub position: u64,
    pub reference: String,
    /// The payment's reference.
    pub payment: String,
    pub kind: ReversalKind,
    /// Why it does not fit; null while it waits.
    pub not_applied: Option<NotApplied>,
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub customer_id: Option<Uuid>,
    /// Only those that nobody earns by.
    pub unattributed: bool,
    pub order: Order,
    /// The cursor of the previous page.
    pub after: Option<u64>,
    pub limit: usize,
}

static ALL: [Sql; 2] = by_position!("SELECT * FROM payments WHERE ", "position", "", "$2");
static UNATTRIBUTED: [Sql; 2] =
    by_position!("SELECT * FROM payments WHERE ", "position", " AND agent_id IS NULL", "$2");
static OF_AGENT: [Sql; 2] = by_position!("SELECT * FROM payments WHERE ", "position", " AND agent_id = $3", "$2");
// A customer has few payments, so they are found first.
static OF_CUSTOMER: [Sql; 2] = by_position!(
    "WITH paid AS MATERIALIZED (SELECT * FROM payments WHERE customer_id = $3) SELECT * FROM paid WHERE ",
    "position",
    "",
    "$2"
);
static OPEN: Sql = Sql::new("SELECT * FROM open_reversals WHERE position < $1 ORDER BY position DESC LIMIT $2");
// Those whose customers were placed since.
static ATTRIBUTABLE: Sql = Sql::new(
    "SELECT p.position, p.reference, p.customer_id, p.customer_number FROM payments p WHERE p.agent_id IS NULL AND p.position > $1
     AND (EXISTS (SELECT 1 FROM sales_placements s WHERE s.customer_id = p.customer_id AND NOT s.erased)
         OR EXISTS (SELECT 1 FROM sales_placements s WHERE s.customer_number = p.customer_number AND NOT s.erased))
     ORDER BY p.position LIMIT $2",
);

impl Filter {
    pub fn query(&self) -> ListQuery {
        let mut values = vec![self.order.beyond(self.after).into(), one_more(self.limit).into()];
        let sql = match (self.customer_id, self.agent_id) {
            (Some(customer_id), _) => {
                values.push(customer_id.into());
                &OF_CUSTOMER
            }
            (None, Some(agent_id)) => {
                values.push(agent_id.into());
                &OF_AGENT
            }
            (None, None) if self.unattributed => &UNATTRIBUTED,
            (None, None) => &ALL,
        };
        ListQuery { sql: self.order.one_of(sql), ids: None, values }
    }
}

pub async fn list(database: &Database, filter: &Filter) -> Result<Page<PaymentItem>, SqlError> {
    let rows = filter.query().rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

pub async fn open_reversals(
    database: &Database,
    after: Option<u64>,
    limit: usize,
) -> Result<Page<OpenReversal>, SqlError> {
    let rows = database.rows(&OPEN, &[after.unwrap_or(u64::MAX).into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| {
        let open = OpenReversal {
            position: row.count("position")?,
            reference: row.text("reversal_reference")?,
            payment: row.text("reference")?,
            kind: read_word(row.text("kind")?, "kind")?,
            not_applied: row.opt_text("reason")?.map(|text| read_word(text, "reason")).transpose()?,
        };
        Ok((open, row.int("position")?.to_string()))
    });
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

/// An unattributed payment whose customer is known by now.
pub struct Attributable {
    pub position: u64,
    pub reference: String,
    /// As the payment names them.
    pub customer: PaymentCustomer,
}

/// Such payments after a position, oldest first.
pub async fn attributable(database: &Database, after: u64, limit: u64) -> Result<Vec<Attributable>, SqlError> {
    let rows = database.rows(&ATTRIBUTABLE, &[after.into(), limit.into()]).await?;
    let each = rows.iter().map(|row| {
        let customer = match row.opt_uuid("customer_id")? {
            Some(id) => PaymentCustomer::CustomerId(id),
            None => PaymentCustomer::CustomerNumber(row.text("customer_number")?),
        };
        Ok(Attributable { position: row.count("position")?, reference: row.text("reference")?, customer })
    });
    each.collect()
}

/// The payment with this reference.
pub async fn get(database: &Database, reference: &str) -> Result<Option<PaymentSnapshot>, SqlError> {
    let stream = stream(id(reference));
    let mut tx = database.begin_snapshot().await?;
    let history = BatchContext::at(&mut tx, &stream, u64::MAX).await?;
    Ok(PaymentSnapshot::of(&history.state::<Payment>(&stream), history.life(&stream)))
}

fn read(row: &Row) -> Result<PaymentItem, SqlError> {
    let wrong = || SqlError::Column { column: "currency".to_owned() };
    let currency = Currency::parse(&row.text("currency")?).map_err(|_| wrong())?;
    let money = |column| Money::new(from_column(row.int(column)?, currency), currency).map_err(|_| wrong());
    Ok(PaymentItem {
        position: row.count("position")?,
        reference: row.text("reference")?,
        customer_id: row.opt_uuid("customer_id")?,
        customer_number: row.opt_text("customer_number")?,
        agent_id: row.opt_uuid("agent_id")?,
        amount: money("amount")?,
        amount_left: money("amount_left")?,
        commission: money("commission")?,
        received_at: row.moment("received_at")?,
    })
}
