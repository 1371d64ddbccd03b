//! The statement as CSV: each section from its opening to its closing balance, a line for each line.

use contract::clock::Moment;
use contract::commission::Rate;
use contract::events::statements::{StatementIssued, StatementSection};

use crate::columns::word;
use crate::report::csv::{Value, csv};
use crate::statements::lines::StatementLine;
use crate::statements::snapshot::shown_number;

const COLUMNS: [&str; 24] = [
    "statement",
    "agent_id",
    "kind",
    "position",
    "recorded_at",
    "due_at",
    "cause",
    "reversal",
    "reason",
    "payment_amount",
    "payment_currency",
    "base",
    "base_currency",
    "rate_percent",
    "rate_flat",
    "rate_currency",
    "rule",
    "no_commission",
    "amount",
    "amount_currency",
    "moved",
    "moved_currency",
    "balance",
    "balance_currency",
];

pub fn write(issued: &StatementIssued, lines: &[Vec<StatementLine>]) -> String {
    let sections = issued.sections.iter().zip(lines);
    csv(&COLUMNS, sections.flat_map(|(section, lines)| rows(issued, section, lines)))
}

fn rows(issued: &StatementIssued, section: &StatementSection, lines: &[StatementLine]) -> Vec<Vec<Value>> {
    let ends = |kind: &str, balance: rust_decimal::Decimal| {
        let mut row = Row::of(issued, section, kind);
        row.balance = balance.to_string();
        row.values()
    };
    let mut rows = vec![ends("opening", section.opening)];
    rows.extend(lines.iter().map(|line| of_line(issued, section, line).values()));
    rows.push(ends("closing", section.closing));
    rows
}

/// A row; what is empty has no currency either.
#[derive(Default)]
struct Row {
    statement: String,
    agent_id: String,
    currency: String,
    kind: String,
    position: String,
    recorded_at: String,
    due_at: String,
    cause: String,
    reversal: String,
    reason: String,
    payment: String,
    base: String,
    percent: String,
    flat: (String, String),
    rule: String,
    no_commission: String,
    amount: String,
    moved: String,
    balance: String,
}

impl Row {
    fn of(issued: &StatementIssued, section: &StatementSection, kind: &str) -> Self {
        Self {
            statement: shown_number(issued),
            agent_id: issued.agent_id.to_string(),
            currency: section.currency.as_str().to_owned(),
            kind: kind.to_owned(),
            ..Self::default()
        }
    }

    fn values(self) -> Vec<Value> {
        let currency = |amount: &str| if amount.is_empty() { String::new() } else { self.currency.clone() };
        let currencies = [&self.payment, &self.base, &self.amount, &self.moved, &self.balance].map(|of| currency(of));
        let [of_payment, of_base, of_amount, of_moved, of_balance] = currencies.map(Value::Bare);
        vec![
            Value::Typed(self.statement),
            Value::Bare(self.agent_id),
            Value::Bare(self.kind),
            Value::Bare(self.position),
            Value::Bare(self.recorded_at),
            Value::Bare(self.due_at),
            Value::Typed(self.cause),
            Value::Typed(self.reversal),
            Value::Typed(self.reason),
            Value::Bare(self.payment),
            of_payment,
            Value::Bare(self.base),
            of_base,
            Value::Bare(self.percent),
            Value::Bare(self.flat.0),
            Value::Bare(self.flat.1),
            Value::Bare(self.rule),
            Value::Bare(self.no_commission),
            Value::Bare(self.amount),
            of_amount,
            Value::Bare(self.moved),
            of_moved,
            Value::Bare(self.balance),
            of_balance,
        ]
    }
}

fn of_line(issued: &StatementIssued, section: &StatementSection, line: &StatementLine) -> Row {
    let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
    let payment = line.payment.as_ref();
    let (percent, flat) = match line.rate {
        Some(Rate::Percent(percent)) => (percent.to_string(), Default::default()),
        Some(Rate::Flat(amount)) => {
            (String::new(), (amount.amount().to_string(), amount.currency().as_str().to_owned()))
        }
        None => Default::default(),
    };
    Row {
        position: line.position.to_string(),
        recorded_at: time(Some(line.recorded_at)),
        due_at: time(line.due_at),
        cause: line.cause.clone(),
        reversal: payment.and_then(|payment| payment.reversal.clone()).unwrap_or_default(),
        reason: line.reason.clone().unwrap_or_default(),
        payment: payment.map(|payment| payment.amount.to_string()).unwrap_or_default(),
        base: payment.map(|payment| payment.base.to_string()).unwrap_or_default(),
        percent,
        flat,
        rule: line.rule.as_ref().map(word).unwrap_or_default(),
        no_commission: line.no_commission.as_ref().map(word).unwrap_or_default(),
        amount: line.amount.to_string(),
        moved: line.moved.to_string(),
        balance: line.balance.to_string(),
        ..Row::of(issued, section, &word(&line.kind))
    }
}
