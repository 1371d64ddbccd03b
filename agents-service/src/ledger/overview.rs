//! The ledger over all agents, and what is owed in each currency.

use contract::clock::Moment;
use contract::money::Currency;
use event_store::sql::{Database, Row, Sql, SqlError};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::read_word;
use crate::ledger::amount::from_column;
use crate::ledger::balances::Sums;
use crate::ledger::entry::Kind;
use crate::paging::{Page, one_more};

/// A line of any agent's ledger.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LedgerEntry")]
pub struct EntryItem {
    /// The position of its event in the log.
    pub position: u64,
    pub recorded_at: Moment,
    pub agent_id: Uuid,
    pub kind: Kind,
    pub currency: String,
    /// What it changes of the balance; 0 where an amount is only reserved or free again.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// The amount that it moves, which is never negative.
    #[schemars(with = "String")]
    pub moved: Decimal,
    /// The reference of the payment, or the id of the remittance or the correction.
    pub cause: String,
    /// When it is earned.
    pub due_at: Option<Moment>,
    /// Why the balance was corrected.
    pub reason: Option<String>,
}

/// What all agents have in a currency.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LedgerTotal {
    pub currency: String,
    /// What the company owes, earned or still held, without what is reserved.
    #[schemars(with = "String")]
    pub owed: Decimal,
    /// Requested or approved, and not paid yet.
    #[schemars(with = "String")]
    pub reserved: Decimal,
    /// Without what was returned.
    #[schemars(with = "String")]
    pub paid: Decimal,
}

/// Which lines are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only corrections and opening balances.
    pub corrections: bool,
    /// Only lines before this one.
    pub after: Option<(u64, u64)>,
    pub limit: usize,
}

macro_rules! lines {
    ($($only:literal)?) => {
        Sql::new(concat!(
            "SELECT e.position, number, recorded_at, agent_id, currency, kind, amount, cause, due_at, n.text AS reason,
                 CASE WHEN from_account IN ('owed', 'reserved') THEN -amount ELSE 0 END
                     + CASE WHEN to_account IN ('owed', 'reserved') THEN amount ELSE 0 END AS changes
             FROM ledger_entries e LEFT JOIN notes n ON n.position = e.position AND e.kind = 'correction'
             WHERE (e.position < $1 OR (e.position = $1 AND number < $2))",
            $($only,)?
            " ORDER BY e.position DESC, number DESC LIMIT $3"
        ))
    };
}
static ALL: Sql = lines!();
static CORRECTIONS: Sql = lines!(" AND e.kind = 'correction'");
static TOTALS: Sql = Sql::new(
    "SELECT currency, CAST(SUM(owed) AS BIGINT) AS owed, CAST(SUM(reserved) AS BIGINT) AS reserved,
         CAST(SUM(paid) AS BIGINT) AS paid, CAST(0 AS BIGINT) AS held FROM ledger_balances GROUP BY currency ORDER BY currency",
);

/// The lines of all agents, newest first.
pub async fn entries(database: &Database, filter: &Filter) -> Result<Page<EntryItem>, SqlError> {
    let (position, number) = filter.after.unwrap_or((u64::MAX, 0));
    let sql = if filter.corrections { &CORRECTIONS } else { &ALL };
    let rows = database.rows(sql, &[position.into(), number.into(), one_more(filter.limit).into()]).await?;
    let items = rows.iter().map(|row| Ok((entry(row)?, format!("{}.{}", row.int("position")?, row.int("number")?))));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

fn entry(row: &Row) -> Result<EntryItem, SqlError> {
    let currency = currency(row)?;
    Ok(EntryItem {
        position: row.count("position")?,
        recorded_at: row.moment("recorded_at")?,
        agent_id: row.uuid("agent_id")?,
        kind: read_word(row.text("kind")?, "kind")?,
        currency: currency.as_str().to_owned(),
        amount: from_column(row.int("changes")?, currency),
        moved: from_column(row.int("amount")?, currency),
        cause: row.text("cause")?,
        due_at: row.opt_moment("due_at")?,
        reason: row.opt_text("reason")?,
    })
}

fn currency(row: &Row) -> Result<Currency, SqlError> {
    Currency::parse(&row.text("currency")?).map_err(|_| SqlError::Column { column: "currency".to_owned() })
}

/// What all agents have, by currency.
pub async fn totals(database: &Database) -> Result<Vec<LedgerTotal>, SqlError> {
    let rows = database.rows(&TOTALS, &[]).await?;
    let total = |row: &Row| {
        let (currency, sums) = (currency(row)?, Sums::read(row)?);
        let [owed, reserved, paid] = [sums.owed, sums.reserved, sums.paid].map(|amount| from_column(amount, currency));
        Ok(LedgerTotal { currency: currency.as_str().to_owned(), owed, reserved, paid })
    };
    rows.iter().map(total).collect()
}
