//! The figures of a statement: sums over the lines of the ledger that belong to it.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::events::statements::{StatementOf, StatementSection, StatementSum, StatementTax};
use contract::ledger::LineKind;
use contract::money::Currency;
use contract::tax::VatTerms;
use event_store::sql::{Kind, Row, Sql, SqlError, Tx, Value};
use futures::future::BoxFuture;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::columns::{opt_from_json, read_word};
use crate::facts::{Fact, Known};
use crate::ledger::amount::from_column;
use crate::statements::model::Stated;

/// Which lines of an agent belong to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub agent_id: Uuid,
    /// Only those in this currency.
    pub currency: Option<Currency>,
    /// Only those after this position,
    pub after: u64,
    /// and up to this one.
    pub position: u64,
    /// Only those from this moment on,
    pub starts_at: Option<Moment>,
    /// and before this one.
    pub ends_at: Option<Moment>,
}

impl Scope {
    /// The lines of a statement that was issued.
    pub fn of(issued: &contract::events::statements::StatementIssued) -> Self {
        let (starts_at, ends_at, currency) = match &issued.of {
            StatementOf::Period { starts_at, ends_at, .. } => (Some(*starts_at), Some(*ends_at), None),
            StatementOf::Remittance { .. } => (None, None, issued.sections.first().map(|section| section.currency)),
        };
        let (agent_id, after, position) = (issued.agent_id, issued.after, issued.position);
        Self { agent_id, currency, after, position, starts_at, ends_at }
    }

    fn values(&self) -> Vec<Value> {
        vec![
            self.agent_id.into(),
            self.currency.as_ref().map(Currency::as_str).into(),
            self.after.into(),
            self.position.into(),
            self.starts_at.into(),
            self.ends_at.into(),
        ]
    }
}

// What is paid is owed no more; what is reserved still is. Lines before the statement make the opening balance.
static SUMS: Sql = Sql::new(
    "SELECT currency, kind, before, COUNT(*) AS lines, CAST(SUM(changes) AS BIGINT) AS amount FROM (
         SELECT currency, kind,
             CAST(CASE WHEN position <= $3 OR ($5 IS NOT NULL AND recorded_at < $5) THEN 1 ELSE 0 END AS BIGINT) AS before,
             CASE WHEN from_account IN ('owed', 'reserved') THEN -amount ELSE 0 END
                 + CASE WHEN to_account IN ('owed', 'reserved') THEN amount ELSE 0 END AS changes
         FROM ledger_entries WHERE agent_id = $1 AND ($2 IS NULL OR currency = $2) AND position <= $4
         AND ($6 IS NULL OR recorded_at < $6)) AS lines_of_agent
     GROUP BY currency, kind, before ORDER BY currency, kind",
);
static PAYOUTS: Sql = Sql::new(
    "SELECT position, currency, kind, to_account, amount, cause FROM ledger_entries
     WHERE agent_id = $1 AND ($2 IS NULL OR currency = $2) AND position > $3 AND position <= $4
     AND ($5 IS NULL OR recorded_at >= $5) AND ($6 IS NULL OR recorded_at < $6) AND kind IN ('paid', 'returned', 'vat')",
);
static TERMS: Sql = Sql::rows(
    "SELECT remittance_id, vat_terms FROM remittances WHERE remittance_id {among}",
    &[("remittance_id", Kind::Uuid)],
);
static HEAD: Sql = Sql::new("SELECT position FROM log_head");
static PAID: Sql = Sql::new(
    "SELECT e.position, e.currency, (SELECT COALESCE(MAX(b.position), 0) FROM ledger_entries b WHERE b.agent_id = e.agent_id
         AND b.currency = e.currency AND b.kind = 'paid' AND b.position < e.position) AS after
     FROM ledger_entries e WHERE e.agent_id = $1 AND e.currency = (SELECT currency FROM remittances WHERE remittance_id = $2)
     AND e.kind = 'paid' AND e.cause = $3",
);

/// What the ledger has of an agent's subject. Nothing where the remittance was not paid to them.
pub struct Figures;

/// An agent, and what a statement is to be about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Period { agent_id: Uuid, starts_at: Moment, ends_at: Moment },
    Remittance { agent_id: Uuid, remittance_id: Uuid },
}

impl Subject {
    pub fn of(agent_id: Uuid, of: &StatementOf) -> Self {
        match of {
            StatementOf::Period { starts_at, ends_at, .. } => {
                Self::Period { agent_id, starts_at: *starts_at, ends_at: *ends_at }
            }
            StatementOf::Remittance { remittance_id } => Self::Remittance { agent_id, remittance_id: *remittance_id },
        }
    }
}

impl Fact for Figures {
    type Key = Subject;
    type Value = Stated;

    fn load(tx: &mut Tx, subjects: BTreeSet<Subject>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let mut known = Known::<Self>::new();
            let head = tx.row(&HEAD, &[]).await?.map_or(Ok(0), |row| row.count("position"))?;
            for subject in subjects {
                let Some(scope) = scope(tx, &subject, head).await? else { continue };
                let (after, position) = (scope.after, scope.position);
                known.insert(subject, Stated { after, position, sections: sections(tx, &scope).await? });
            }
            Ok(known)
        })
    }
}

/// The lines of a subject: of a remittance, those since the payout before it.
async fn scope(tx: &mut Tx, subject: &Subject, head: u64) -> Result<Option<Scope>, SqlError> {
    match *subject {
        Subject::Period { agent_id, starts_at, ends_at } => {
            let (starts_at, ends_at) = (Some(starts_at), Some(ends_at));
            Ok(Some(Scope { agent_id, currency: None, after: 0, position: head, starts_at, ends_at }))
        }
        Subject::Remittance { agent_id, remittance_id } => {
            let values = [agent_id.into(), remittance_id.into(), remittance_id.to_string().into()];
            let Some(row) = tx.row(&PAID, &values).await? else { return Ok(None) };
            let (after, position) = (row.count("after")?, row.count("position")?);
            let currency = Some(currency(&row)?);
            Ok(Some(Scope { agent_id, currency, after, position, starts_at: None, ends_at: None }))
        }
    }
}

fn currency(row: &Row) -> Result<Currency, SqlError> {
    Currency::parse(&row.text("currency")?).map_err(|_| SqlError::Column { column: "currency".to_owned() })
}

/// The sums of the lines in each currency that the agent has something in, ordered by the currency's code.
pub async fn sections(tx: &mut Tx, scope: &Scope) -> Result<Vec<StatementSection>, SqlError> {
    let mut found = BTreeMap::<String, StatementSection>::new();
    for row in tx.rows(&SUMS, &scope.values()).await? {
        let currency = currency(&row)?;
        let section = found.entry(currency.as_str().to_owned()).or_insert_with(|| empty(currency));
        let (lines, amount) = (row.count("lines")?, from_column(row.int("amount")?, currency));
        section.closing += amount;
        if row.int("before")? == 1 {
            section.opening += amount;
        } else {
            section.sums.push(StatementSum { kind: read_word(row.text("kind")?, "kind")?, lines, amount });
        }
    }
    for (currency, taxes) in taxes(tx, scope).await? {
        if let Some(section) = found.get_mut(&currency) {
            section.taxes = taxes;
        }
    }
    let is_stated = |section: &StatementSection| !section.sums.is_empty() || !section.opening.is_zero();
    let mut sections: Vec<_> = found.into_values().filter(is_stated).collect();
    for section in &mut sections {
        section.sums.sort_by_key(|sum| sum.kind);
    }
    Ok(sections)
}

/// A section without lines.
pub fn empty(currency: Currency) -> StatementSection {
    let nothing = from_column(0, currency);
    StatementSection { currency, opening: nothing, closing: nothing, sums: Vec::new(), taxes: Vec::new() }
}

/// What was paid out less what came back, by currency and terms of the tax.
async fn taxes(tx: &mut Tx, scope: &Scope) -> Result<BTreeMap<String, Vec<StatementTax>>, SqlError> {
    let rows = tx.rows(&PAYOUTS, &scope.values()).await?;
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let remittance = |row: &Row| -> Result<Uuid, SqlError> {
        row.text("cause")?.parse().map_err(|_| SqlError::Column { column: "cause".to_owned() })
    };
    let ids: BTreeSet<Uuid> = rows.iter().map(remittance).collect::<Result<_, _>>()?;
    let mut terms = BTreeMap::<Uuid, Option<VatTerms>>::new();
    for row in tx.rows_for_many(&TERMS, ids.into_iter().map(|id| vec![id.into()]).collect()).await? {
        terms.insert(row.uuid("remittance_id")?, opt_from_json(&row, "vat_terms")?);
    }
    let mut sums = BTreeMap::<(String, Option<VatTerms>), [Decimal; 2]>::new();
    for row in &rows {
        let currency = currency(row)?;
        let terms = terms.get(&remittance(row)?).copied().flatten();
        let [net, vat] =
            sums.entry((currency.as_str().to_owned(), terms)).or_insert_with(|| [from_column(0, currency); 2]);
        let amount = from_column(row.int("amount")?, currency);
        match read_word::<LineKind>(row.text("kind")?, "kind")? {
            LineKind::Paid => *net += amount,
            LineKind::Returned => *net -= amount,
            _ if row.text("to_account")? == "vat" => *vat += amount,
            _ => *vat -= amount,
        }
    }
    let mut taxes = BTreeMap::<String, Vec<StatementTax>>::new();
    for ((currency, terms), [net, vat]) in sums {
        taxes.entry(currency).or_default().push(StatementTax { terms, net, vat, gross: net + vat });
    }
    Ok(taxes)
}
