//! Lists of statements for both faces.

use contract::events::statements::StatementOf;
use contract::ledger::LineKind;
use uuid::Uuid;

use crate::statements::queries::StatementItem;
use crate::ui::table::{Cell, Table};

/// Statements, linked to `path`, with the names of their agents where they differ.
pub fn table(items: &[StatementItem], path: &str, names: Option<&dyn Fn(Uuid) -> Cell>, empty: &str) -> Table {
    let rows = items.iter().map(|item| {
        let statement = &item.statement;
        let mut row = vec![Cell::link(statement.shown_number.clone(), format!("{path}/{}", statement.number))];
        row.extend(names.map(|name| name(statement.agent_id)));
        row.extend([
            Cell::text(about(&statement.of)),
            Cell::text(each(item, |section| Some(section.closing))),
            Cell::text(each(item, |section| {
                let paid = section.sums.iter().find(|sum| sum.kind == LineKind::Paid);
                paid.map(|paid| -paid.amount)
            })),
            Cell::moment(item.issued_at),
            Cell::text(corrections(item)),
        ]);
        row
    });
    let mut columns = vec!["Number", "Agent", "About", "Closing balance", "Paid out", "Issued", "Corrections"];
    if names.is_none() {
        columns.remove(1);
    }
    Table::new("Statements", columns, rows, empty)
}

fn about(of: &StatementOf) -> String {
    match of {
        StatementOf::Period { since, until, .. } => format!("{since} to {until}"),
        StatementOf::Remittance { .. } => "A payout".to_owned(),
    }
}

/// An amount of each section that has it.
fn each(
    item: &StatementItem,
    amount: impl Fn(&contract::events::statements::StatementSection) -> Option<rust_decimal::Decimal>,
) -> String {
    let sections = item.statement.sections.iter();
    let amounts = sections.filter_map(|section| Some(format!("{} {}", amount(section)?, section.currency.as_str())));
    amounts.collect::<Vec<_>>().join(", ")
}

fn corrections(item: &StatementItem) -> String {
    let corrects = item.statement.corrects.map(|number| format!("Corrects number {number}"));
    let corrected = item.corrected_by.map(|number| format!("Corrected by number {number}"));
    corrects.into_iter().chain(corrected).collect::<Vec<_>>().join(". ")
}
