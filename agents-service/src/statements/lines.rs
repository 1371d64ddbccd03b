//! The lines of a statement with their payments, read from the ledger and the log. Both are only ever appended to, so that a statement
//! reads the same for ever.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::commission::{Base, NoCommission, Rate, RateSource};
use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use contract::events::payments::PaymentReceived;
use contract::events::statements::StatementSection;
use contract::ledger::LineKind;
use contract::money::{Currency, Money};
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::columns::read_word;
use crate::ledger::amount::from_column;
use crate::payments::model::{id, stream};
use crate::statements::figures::Scope;

/// Lines that are read at once.
const AT_ONCE: usize = 1_000;

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StatementLine {
    /// The position of its event in the log.
    pub position: u64,
    pub recorded_at: Moment,
    pub kind: LineKind,
    /// What it changes of the balance; 0 where an amount is only reserved or free again, and for tax.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// The amount that it moves, which is never negative.
    #[schemars(with = "String")]
    pub moved: Decimal,
    /// The balance after it.
    #[schemars(with = "String")]
    pub balance: Decimal,
    /// The reference of the payment, or the id of the remittance, the correction or the customer.
    pub cause: String,
    /// When it is earned.
    pub due_at: Option<Moment>,
    /// Why the balance was corrected.
    pub reason: Option<String>,
    /// What commission was taken of, or taken back.
    pub payment: Option<LinePayment>,
    /// The rate that counted.
    pub rate: Option<Rate>,
    /// Whose rate it is.
    pub rule: Option<RateSource>,
    /// Why the payment earns nothing.
    pub no_commission: Option<NoCommission>,
}

/// The payment of a line, or the part of it that was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "StatementPayment")]
pub struct LinePayment {
    /// With value-added tax; negative where it was taken back.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// What commission was taken of; negative where it was taken back.
    #[schemars(with = "String")]
    pub base: Decimal,
    /// The reference of the refund or the chargeback.
    pub reversal: Option<String>,
}

static LINES: Sql = Sql::new(
    "SELECT e.position, e.number, e.recorded_at, e.kind, e.amount, e.cause, e.due_at, n.text AS reason,
         CASE WHEN from_account IN ('owed', 'reserved') THEN -amount ELSE 0 END
             + CASE WHEN to_account IN ('owed', 'reserved') THEN amount ELSE 0 END AS changes
     FROM ledger_entries e LEFT JOIN notes n ON n.position = e.position AND e.kind = 'correction'
     WHERE e.agent_id = $1 AND e.currency = $2 AND (e.position > $3 OR (e.position = $3 AND e.number > $4)) AND e.position <= $5
     AND ($6 IS NULL OR e.recorded_at >= $6) AND ($7 IS NULL OR e.recorded_at < $7) ORDER BY e.position, e.number LIMIT $8",
);
static EVENTS: Sql =
    Sql::rows("SELECT position, type, data FROM events WHERE position {among}", &[("position", Kind::Int)]);
static PAYMENTS: Sql = Sql::rows(
    "SELECT type, data FROM events WHERE stream {among}
     AND type IN ('signpost.agents.payment_received.v1', 'signpost.agents.payment_attributed.v1')",
    &[("stream", Kind::Text)],
);

/// All lines of a section, oldest first.
pub async fn of_section(
    database: &Database,
    scope: &Scope,
    section: &StatementSection,
) -> Result<Vec<StatementLine>, SqlError> {
    let mut tx = database.begin_snapshot().await?;
    let (currency, mut balance) = (section.currency, section.opening);
    // After all lines of the position before.
    let mut after = (scope.after, i64::MAX.unsigned_abs());
    let mut lines = Vec::new();
    loop {
        let rows = tx.rows(&LINES, &values(scope, currency, after)).await?;
        let known = Known::of(&mut tx, &rows).await?;
        for row in &rows {
            after = (row.count("position")?, row.count("number")?);
            let line = known.line(row, currency, balance)?;
            balance = line.balance;
            lines.push(line);
        }
        if rows.len() < AT_ONCE {
            return Ok(lines);
        }
    }
}

fn values(scope: &Scope, currency: Currency, (position, number): (u64, u64)) -> Vec<Value> {
    vec![
        scope.agent_id.into(),
        currency.as_str().into(),
        position.into(),
        number.into(),
        scope.position.into(),
        scope.starts_at.into(),
        scope.ends_at.into(),
        u64::try_from(AT_ONCE).unwrap_or(u64::MAX).into(),
    ]
}

/// What the log has of some lines.
struct Known {
    /// The lines' own events by position.
    events: BTreeMap<u64, AgentsEvent>,
    /// Payments by reference.
    payments: BTreeMap<String, PaymentReceived>,
}

impl Known {
    async fn of(tx: &mut Tx, rows: &[Row]) -> Result<Self, SqlError> {
        let (mut positions, mut streams) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            let kind: LineKind = read_word(row.text("kind")?, "kind")?;
            if kind.is_of_payment() {
                streams.insert(stream(id(&row.text("cause")?)));
            }
            if kind.is_of_payment() || kind == LineKind::SignupCommission {
                positions.insert(row.count("position")?);
            }
        }
        let mut known = Self { events: BTreeMap::new(), payments: BTreeMap::new() };
        for row in tx.rows_for_many(&EVENTS, positions.into_iter().map(|at| vec![at.into()]).collect()).await? {
            known.events.insert(row.count("position")?, event(&row)?);
        }
        let mut attributed = Vec::new();
        for row in tx.rows_for_many(&PAYMENTS, streams.into_iter().map(|stream| vec![stream.into()]).collect()).await? {
            match event(&row)? {
                AgentsEvent::PaymentReceived(event) => {
                    known.payments.insert(event.reference.clone(), event);
                }
                AgentsEvent::PaymentAttributed(event) => attributed.push(event),
                _ => {}
            }
        }
        for event in attributed {
            if let Some(payment) = known.payments.get_mut(&event.reference) {
                payment.commission = Some(event.commission);
            }
        }
        Ok(known)
    }

    fn line(&self, row: &Row, currency: Currency, before: Decimal) -> Result<StatementLine, SqlError> {
        let amount = from_column(row.int("changes")?, currency);
        let line = StatementLine {
            position: row.count("position")?,
            recorded_at: row.moment("recorded_at")?,
            kind: read_word(row.text("kind")?, "kind")?,
            amount,
            moved: from_column(row.int("amount")?, currency),
            balance: before + amount,
            cause: row.text("cause")?,
            due_at: row.opt_moment("due_at")?,
            reason: row.opt_text("reason")?,
            payment: None,
            rate: None,
            rule: None,
            no_commission: None,
        };
        Ok(self.with_payment(line))
    }

    fn with_payment(&self, line: StatementLine) -> StatementLine {
        let own = self.events.get(&line.position);
        if let Some(AgentsEvent::SignupCommissionEarned(event)) = own {
            return StatementLine { rate: Some(event.rule.rate), rule: Some(event.rule.source), ..line };
        }
        let payment = self.payments.get(&line.cause).filter(|_| line.kind.is_of_payment());
        let Some((payment, by)) = payment.and_then(|payment| Some((payment, payment.commission.as_ref()?))) else {
            return line;
        };
        let is_net = by.rule.base == Base::Net && payment.net.is_some();
        let part = |amount: Money, net: Money, sign: Decimal, reversal: Option<&String>| LinePayment {
            amount: amount.amount() * sign,
            base: if is_net { net.amount() } else { amount.amount() } * sign,
            reversal: reversal.cloned(),
        };
        let (rate, rule) = (Some(by.rule.rate), Some(by.rule.source));
        let (part, no_commission) = match own {
            Some(AgentsEvent::PaymentReversed(event)) => {
                (part(event.amount, event.net, Decimal::NEGATIVE_ONE, Some(&event.reversal_reference)), None)
            }
            Some(AgentsEvent::ChargebackWon(event)) => {
                (part(event.amount, event.net, Decimal::ONE, Some(&event.reversal_reference)), None)
            }
            _ => {
                let net = payment.net.unwrap_or(payment.amount);
                (part(payment.amount, net, Decimal::ONE, None), by.no_commission)
            }
        };
        StatementLine { payment: Some(part), rate, rule, no_commission, ..line }
    }
}

fn event(row: &Row) -> Result<AgentsEvent, SqlError> {
    let read = AgentsEvent::read(&row.text("type")?, &row.text("data")?).ok().flatten();
    read.ok_or_else(|| SqlError::Column { column: "data".to_owned() })
}
