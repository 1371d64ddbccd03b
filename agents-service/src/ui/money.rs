//! Amounts, balances and lines of the ledger as pages show them: never without their currency.

use contract::commission::{CommissionTerms, Rate};
use contract::money::Money;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::endpoint::path_segment;
use crate::ledger::queries::{BalanceItem, Ledger, LedgerLine};
use crate::remittances::queries::RemittanceItem;
use crate::ui::enum_labels::{kind_of_line, method};
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
        vec![
            Cell::moment(line.recorded_at),
            Cell::text(what(line, &ledger.currency)),
            cause(line, is_linked),
            changes(line, &ledger.currency),
            Cell::number(amount(line.balance, &ledger.currency)),
            line.due_at.map_or_else(|| Cell::text(""), Cell::moment),
        ]
    });
    let columns = ["When (UTC)", "What", "Cause", "Amount", "Balance", "Earned from (UTC)"];
    Table::new("Ledger", columns, rows, "Nothing is in the ledger yet.")
}

/// What is only reserved or free again changes no balance, and neither does tax, so the amount stands in the text.
fn what(line: &LedgerLine, currency: &str) -> String {
    let kind = kind_of_line(line.kind);
    if moves_only(line) { format!("{kind}: {}", amount(line.moved, currency)) } else { kind.to_owned() }
}

fn moves_only(line: &LedgerLine) -> bool {
    line.amount.is_zero() && !line.moved.is_zero()
}

fn changes(line: &LedgerLine, currency: &str) -> Cell {
    Cell::number(if moves_only(line) { String::new() } else { amount(line.amount, currency) })
}

fn cause(line: &LedgerLine, is_linked: bool) -> Cell {
    if let Some(reason) = &line.reason {
        return Cell::text(reason.clone());
    }
    match (line.kind.is_of_payment(), is_linked) {
        (true, true) => Cell::link(line.cause.clone(), format!("/payments/{}", path_segment(&line.cause))),
        (true, false) => Cell::text(line.cause.clone()),
        (false, true) if line.kind.is_of_remittance() => {
            Cell::link("Show the payout", format!("/payouts/{}", line.cause))
        }
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
    let mut columns = vec!["Amount", "Agent", "State", "Requested (UTC)", "Last change (UTC)", "Paid by", "Reason"];
    if names.is_none() {
        columns.remove(1);
    }
    Table::new("Payouts", columns, rows, empty)
}
