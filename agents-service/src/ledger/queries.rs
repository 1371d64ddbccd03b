//! Balances and lines of an agent's ledger.

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
use crate::paging::one_more;

/// What an agent has in a currency, in units of it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AgentBalance")]
pub struct BalanceItem {
    pub currency: String,
    /// Not earned yet: the hold period is not over.
    #[schemars(with = "String")]
    pub held: Decimal,
    /// After reversals and corrections, cumulative.
    #[schemars(with = "String")]
    pub earned: Decimal,
    /// Requested or approved, and not paid yet.
    #[schemars(with = "String")]
    pub reserved: Decimal,
    /// Cumulative, without what was returned.
    #[schemars(with = "String")]
    pub paid: Decimal,
    /// What may be requested; negative where more was paid or reserved than is earned.
    #[schemars(with = "String")]
    pub available: Decimal,
}

/// A line of an agent's ledger.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LedgerLine {
    /// The position of its event in the log.
    pub position: u64,
    pub recorded_at: Moment,
    pub kind: Kind,
    /// What it changes of the balance; 0 where an amount is only reserved or free again.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// The amount that it moves, which is never negative.
    #[schemars(with = "String")]
    pub moved: Decimal,
    /// What the company owes the agent after it, earned or not.
    #[schemars(with = "String")]
    pub balance: Decimal,
    /// The reference of the payment, or the id of the remittance or the correction.
    pub cause: String,
    /// When it is earned.
    pub due_at: Option<Moment>,
    /// Why the balance was corrected.
    pub reason: Option<String>,
}

/// A part of an agent's ledger in a currency.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Ledger {
    pub currency: String,
    /// The balance before the period.
    #[schemars(with = "String")]
    pub opening: Decimal,
    /// The balance after the period.
    #[schemars(with = "String")]
    pub closing: Decimal,
    pub items: Vec<LedgerLine>,
    /// The cursor of the next page; null when this is the last.
    pub next: Option<String>,
}

/// A part of a ledger: a period, and a page of its lines.
#[derive(Clone, Debug)]
pub struct Part {
    pub agent_id: Uuid,
    pub currency: Currency,
    pub since: Option<Moment>,
    pub until: Option<Moment>,
    /// Only lines after this one.
    pub after: Option<(u64, u64)>,
    pub limit: usize,
}

static BALANCES: Sql = Sql::new(
    "SELECT b.currency, b.owed, b.reserved, b.paid, CAST(COALESCE((SELECT SUM(e.owed) FROM ledger_entries e
         WHERE e.agent_id = b.agent_id AND e.currency = b.currency AND e.due_at > $2), 0) AS BIGINT) AS held
     FROM ledger_balances b WHERE b.agent_id = $1 ORDER BY b.currency",
);
// What is paid is owed no more; what is reserved still is.
static BALANCE_BEFORE: Sql = Sql::new(
    "SELECT CAST(COALESCE(SUM(CASE WHEN from_account IN ('owed', 'reserved') THEN -amount ELSE 0 END
         + CASE WHEN to_account IN ('owed', 'reserved') THEN amount ELSE 0 END), 0) AS BIGINT) AS balance
     FROM ledger_entries WHERE agent_id = $1 AND currency = $2
     AND (position < $3 OR (position = $3 AND number <= $4)) AND ($5 IS NULL OR recorded_at < $5)",
);
static LINES: Sql = Sql::new(
    "SELECT e.position, number, recorded_at, kind, amount, cause, due_at, n.text AS reason,
         CASE WHEN from_account IN ('owed', 'reserved') THEN -amount ELSE 0 END
             + CASE WHEN to_account IN ('owed', 'reserved') THEN amount ELSE 0 END AS changes
     FROM ledger_entries e LEFT JOIN notes n ON n.position = e.position AND e.kind = 'correction'
     WHERE agent_id = $1 AND currency = $2 AND (e.position > $3 OR (e.position = $3 AND number > $4))
     AND ($5 IS NULL OR recorded_at >= $5) AND ($6 IS NULL OR recorded_at < $6) ORDER BY e.position, number LIMIT $7",
);

/// An agent's balances, in each currency that they ever had something in.
pub async fn balances(database: &Database, agent_id: Uuid, now: Moment) -> Result<Vec<BalanceItem>, SqlError> {
    let rows = database.rows(&BALANCES, &[agent_id.into(), now.into()]).await?;
    rows.iter().map(balance).collect()
}

fn balance(row: &Row) -> Result<BalanceItem, SqlError> {
    let code = row.text("currency")?;
    let currency = Currency::parse(&code).map_err(|_| SqlError::Column { column: "currency".to_owned() })?;
    let sums = Sums::read(row)?;
    let balance = sums.balance(currency);
    Ok(BalanceItem {
        currency: code,
        held: from_column(sums.held, currency),
        earned: balance.earned,
        reserved: balance.reserved,
        paid: balance.paid,
        available: balance.available(),
    })
}

/// The lines of a part of the ledger, oldest first, with the balances around the period.
pub async fn ledger(database: &Database, part: &Part) -> Result<Ledger, SqlError> {
    let mut tx = database.begin_snapshot().await?;
    let (agent_id, currency) = (part.agent_id.into(), part.currency.as_str().into());
    let around = [agent_id, currency];
    let mut before = async |position: u64, number: u64, time: Option<Moment>| {
        let mut values = around.to_vec();
        values.extend([position.into(), number.into(), time.into()]);
        let row = tx.row(&BALANCE_BEFORE, &values).await?;
        row.map_or(Ok(0), |row| row.int("balance"))
    };
    let everything = (u64::MAX, 0);
    let opening = if part.since.is_some() { before(everything.0, everything.1, part.since).await? } else { 0 };
    let closing = before(everything.0, everything.1, part.until).await?;
    let mut running = match part.after {
        Some((position, number)) => before(position, number, None).await?,
        None => opening,
    };
    let (position, number) = part.after.unwrap_or_default();
    let mut values = around.to_vec();
    values.extend([position.into(), number.into(), part.since.into(), part.until.into(), one_more(part.limit).into()]);
    let rows = tx.rows(&LINES, &values).await?;
    let shown = |amount| from_column(amount, part.currency);
    let mut items = Vec::with_capacity(rows.len());
    let mut next = None;
    for row in rows.iter().take(part.limit) {
        let changes = row.int("changes")?;
        running += changes;
        next = Some(format!("{}.{}", row.count("position")?, row.count("number")?));
        items.push(LedgerLine {
            position: row.count("position")?,
            recorded_at: row.moment("recorded_at")?,
            kind: read_word(row.text("kind")?, "kind")?,
            amount: shown(changes),
            moved: shown(row.int("amount")?),
            balance: shown(running),
            cause: row.text("cause")?,
            due_at: row.opt_moment("due_at")?,
            reason: row.opt_text("reason")?,
        });
    }
    Ok(Ledger {
        currency: part.currency.as_str().to_owned(),
        opening: shown(opening),
        closing: shown(closing),
        items,
        next: next.filter(|_| rows.len() > part.limit),
    })
}

/// A line: its position and its number there.
pub fn cursor(text: &str) -> Option<(u64, u64)> {
    let (position, number) = text.split_once('.')?;
    Some((position.parse().ok()?, number.parse().ok()?))
}
