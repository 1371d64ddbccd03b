//! Amounts, balances and lines of the ledger as pages show them: never without their currency.

use contract::commission::{CommissionTerms, Rate};
use contract::money::{Currency, Money};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::endpoint::path_segment;
use crate::ledger::entry::Kind;
use crate::ledger::overview::{EntryItem, LedgerTotal};
use crate::ledger::queries::{BalanceItem, Ledger};
use crate::remittances::queries::RemittanceItem;
use crate::ui::enum_labels::{kind_of_line, method};
use crate::ui::reader::NEXT_NUMBER;
use crate::ui::table::{Cell, Table};

/// An amount in a text.
pub fn words(money: Money) -> String {
    amount(money.amount(), money.currency().as_str())
}

fn amount(amount: Decimal, currency: &str) -> String {
    format!("{amount} {currency}")
}

pub fn cell(money: Money) -> Cell {
    Cell::number(words(money))
}

/// Amounts of several currencies, one beside the other: they are never added.
pub fn in_currencies(amounts: Option<&Vec<(Currency, Decimal)>>) -> Cell {
    let shown = |(currency, value): &(Currency, Decimal)| amount(*value, currency.as_str());
    let shown: Vec<_> = amounts.into_iter().flatten().map(shown).collect();
    Cell::number(if shown.is_empty() { "–".to_owned() } else { shown.join(NEXT_NUMBER) })
}

/// The percentage of terms that state nothing else; empty where there are no terms, and `None` where there is more.
pub fn plain_percent(terms: Option<&CommissionTerms>) -> Option<String> {
    match terms {
        None => Some(String::new()),
        Some(CommissionTerms { rate: Rate::Percent(percent), per: None, base: None, window: None }) => {
            Some(percent.to_string())
        }
        Some(_) => None,
    }
}

/// What an agent has, a row for each currency, with what is missing to its threshold.
pub fn balances(balances: &[BalanceItem], thresholds: &[Money]) -> Table {
    let rows = balances.iter().map(|balance| {
        let of = |value: Decimal| Cell::number(amount(value, &balance.currency));
        let [held, earned, reserved, paid] = [balance.held, balance.earned, balance.reserved, balance.paid].map(of);
        vec![held, earned, reserved, paid, of(balance.available), Cell::text(missing(balance, thresholds))]
    });
    let columns = ["Held", "Earned", "Reserved", "Paid", "Available", "To the threshold"];
    Table::new("Balance", columns, rows, "Nothing is earned yet.")
}

/// What is missing to the threshold, in words.
pub fn missing(balance: &BalanceItem, thresholds: &[Money]) -> String {
    match thresholds.iter().find(|threshold| threshold.currency().as_str() == balance.currency) {
        None => "No threshold: ask the operator".to_owned(),
        Some(threshold) if balance.available < threshold.amount() => {
            format!("{} missing", amount(threshold.amount() - balance.available, &balance.currency))
        }
        Some(_) => "Reached".to_owned(),
    }
}

/// The lines of a ledger, for an operator with links to their causes.
pub fn ledger(ledger: &Ledger, is_linked: bool) -> Table {
    let rows = ledger.items.iter().map(|line| {
        let [kind, changed] = what(line.kind, line.amount, line.moved, &ledger.currency);
        vec![
            Cell::moment(line.recorded_at),
            Cell::text(kind),
            cause(line.kind, &line.cause, line.reason.as_ref(), is_linked),
            Cell::number(changed),
            Cell::number(amount(line.balance, &ledger.currency)),
            line.due_at.map_or_else(|| Cell::text(""), Cell::moment),
        ]
    });
    let columns = ["When", "What", "Cause", "Amount", "Balance", "Earned from"];
    Table::new("Ledger", columns, rows, "Nothing is in the ledger yet.")
}

/// The lines of all agents, with links to their causes.
pub fn entries(title: &'static str, items: &[EntryItem], agent: &dyn Fn(Uuid, &str) -> Cell) -> Table {
    let rows = items.iter().map(|item| {
        let [kind, changed] = what(item.kind, item.amount, item.moved, &item.currency);
        vec![
            agent(item.agent_id, &item.currency),
            Cell::moment(item.recorded_at),
            Cell::text(kind),
            cause(item.kind, &item.cause, item.reason.as_ref(), true),
            Cell::number(changed),
            item.due_at.map_or_else(|| Cell::text(""), Cell::moment),
        ]
    });
    let columns = ["Agent", "When", "What", "Cause", "Amount", "Earned from"];
    Table::new(title, columns, rows, "Nothing is in the ledger yet. Commission on payments received is written here.")
}

/// What all agents have, a row for each currency.
pub fn totals(totals: &[LedgerTotal]) -> Table {
    let rows = totals.iter().map(|total| {
        let of = |value: Decimal| Cell::number(amount(value, &total.currency));
        vec![Cell::text(total.currency.clone()), of(total.owed), of(total.reserved), of(total.paid)]
    });
    let columns = ["Currency", "Owed, earned or held", "Reserved", "Paid out"];
    Table::new("All agents", columns, rows, "Nothing is earned yet.")
}

/// What a line did, and what it changed of the balance. What is only reserved or free again changes none, and neither does tax, so the
/// amount stands in the text.
fn what(kind: Kind, changed: Decimal, moved: Decimal, currency: &str) -> [String; 2] {
    let kind = kind_of_line(kind);
    if changed.is_zero() && !moved.is_zero() {
        [format!("{kind}: {}", amount(moved, currency)), String::new()]
    } else {
        [kind.to_owned(), amount(changed, currency)]
    }
}

fn cause(kind: Kind, cause: &str, reason: Option<&String>, is_linked: bool) -> Cell {
    if let Some(reason) = reason {
        return Cell::text(reason.clone());
    }
    match (kind.is_of_payment(), is_linked) {
        (true, true) => Cell::link(cause, format!("/payments/{}", path_segment(cause))),
        (true, false) => Cell::text(cause),
        (false, true) if kind.is_of_remittance() => Cell::link("Show the payout", format!("/payouts/{cause}")),
        (false, _) => Cell::text(""),
    }
}

/// Remittances, linked to `path` where there is a page for each, with the names of their agents where they differ.
pub fn remittances(
    items: &[RemittanceItem],
    path: Option<&str>,
    names: Option<&dyn Fn(Uuid) -> Cell>,
    empty: &str,
) -> Table {
    let rows = items.iter().map(|item| {
        let shown = words(item.amount);
        let mut row = vec![match path {
            Some(path) => Cell::link(shown, format!("{path}/{}", item.id)),
            None => Cell::text(shown),
        }];
        row.extend(names.map(|name| name(item.agent_id)));
        row.extend([
            Cell::State(item.state.as_str().to_owned()),
            Cell::moment(item.requested_at),
            Cell::moment(item.changed_at),
            Cell::text(item.method.map(method).unwrap_or_default()),
            Cell::text(item.reason.clone().unwrap_or_default()),
        ]);
        row
    });
    let mut columns = vec!["Amount", "Agent", "State", "Requested", "Last change", "Paid by", "Reason"];
    if names.is_none() {
        columns.remove(1);
    }
    Table::new("Payouts", columns, rows, empty)
}
