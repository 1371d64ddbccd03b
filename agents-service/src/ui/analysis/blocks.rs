//! Sums and tables of an analysis.

use uuid::Uuid;
use web::http::Problem;

use crate::analysis::csv::{TableOf, by_currency};
use crate::analysis::figures::{Analysis, Figures, Item, MoneyFigures};
use crate::analysis::question::{GroupBy, Question};
use crate::analysis::requests::Asked;
use crate::names;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::analysis::View;
use crate::ui::analysis::inputs::{FILTERS, group};
use crate::ui::sales_summary::reason;
use crate::ui::table::{Block, Cell, Table};

const UNKNOWN: &str = "–";

/// The sums of the whole period.
pub fn facts(analysis: &Analysis) -> Vec<(&'static str, Cell)> {
    let (total, before) = (&analysis.total, analysis.previous.as_ref());
    let with = |now: String, before: Option<String>| {
        Cell::text(before.map_or_else(|| now.clone(), |before| format!("{now} (before: {before})")))
    };
    let of = |value: fn(&Figures) -> String| with(value(total), before.map(value));
    vec![
        ("Signups", of(|figures| figures.signups.to_string())),
        ("Views", of(|figures| number(figures.views))),
        ("Conversion", of(conversion)),
        ("Refusals", of(|figures| number(figures.refusals))),
    ]
}

fn number(known: Option<u64>) -> String {
    known.map_or_else(|| UNKNOWN.to_owned(), |number| number.to_string())
}

pub fn conversion(figures: &Figures) -> String {
    figures.conversion_percent.as_ref().map_or_else(|| UNKNOWN.to_owned(), |percent| format!("{percent} %"))
}

pub async fn blocks(
    app: &AppState,
    view: &View,
    asked: &Asked,
    question: &Question,
    analysis: &Analysis,
    after: usize,
) -> Result<Vec<Block>, Problem> {
    let note = note(app, view, question, analysis, after).await?;
    let csv = |table: TableOf| {
        let path = format!("{}.csv", view.path);
        vec![Action::new(
            match table {
                TableOf::Signups => "Download signups as CSV",
                TableOf::Payments => "Download payments as CSV",
                TableOf::Refusals => "Download refusals as CSV",
            },
            asked.with("by", analysis.by.as_str()).address(&path, &[("table", table.as_str())]),
        )]
    };
    let name = |item: &Item| name(view, asked, analysis.by, item);
    let signups =
        Block { note: Some(note), actions: csv(TableOf::Signups), ..Block::of_table(signups(analysis, name)) };
    let mut blocks = vec![signups];
    if question.reader.money {
        let note = "Payments count when they were received, refunds and what they take back when they were recorded. A customer is \
            counted once, with the first payment.";
        let total = Block { note: Some(note.to_owned()), ..Block::of_table(totals(analysis)) };
        blocks.push(total);
        blocks.push(Block { actions: csv(TableOf::Payments), ..Block::of_table(payments(analysis, name)) });
    }
    if analysis.refusals.is_some() {
        blocks.push(Block { actions: csv(TableOf::Refusals), ..Block::of_table(refusals(analysis)) });
    }
    Ok(blocks)
}

/// Which lines are shown of which figures.
async fn note(
    app: &AppState,
    view: &View,
    question: &Question,
    analysis: &Analysis,
    after: usize,
) -> Result<String, Problem> {
    let (first, last) = (after + 1, after + analysis.items.len());
    let lines = if analysis.items.is_empty() { "No lines".to_owned() } else { format!("Lines {first} to {last}") };
    let days = format!("{} to {}, {}", analysis.since, analysis.until, analysis.time_zone);
    let mut note = format!("{lines} of {}. {days}.", analysis.count);
    let filter = &question.filter;
    let ids = [filter.agent_id.filter(|_| !view.is_agents()), filter.call_plan_id, filter.group_id];
    let ids: Vec<Uuid> = ids.into_iter().flatten().collect();
    // An agent learns the names of what they have figures of, and of nothing else.
    let allowed = if view.is_agents() && is_empty(&analysis.total) { Vec::new() } else { ids.clone() };
    let names = names::get(app.database(), view.agent_id, allowed).await?;
    let mut only: Vec<String> = ids.iter().map(|id| names.get(id).cloned().unwrap_or_else(|| id.to_string())).collect();
    only.extend([&filter.key, &filter.campaign, &filter.country].into_iter().flatten().cloned());
    if !only.is_empty() {
        note.extend([" Only: ", &only.join(", "), "."]);
    }
    Ok(note)
}

fn is_empty(figures: &Figures) -> bool {
    let counts = [figures.views, figures.automated, figures.refusals, Some(figures.signups)];
    counts.into_iter().flatten().sum::<u64>() == 0 && figures.money.as_ref().is_none_or(Vec::is_empty)
}

/// What a line is of, with a link to what it is made of.
fn name(view: &View, asked: &Asked, by: GroupBy, item: &Item) -> Cell {
    if item.id.is_empty() {
        return Cell::text(if by.is_of_visitor() { "(none)" } else { "(not known)" });
    }
    let name = item.name.as_ref().unwrap_or(&item.id).clone();
    let (filter, next) = match by {
        GroupBy::Agent => (FILTERS[0], GroupBy::Group),
        GroupBy::CallPlan => (FILTERS[1], GroupBy::Key),
        GroupBy::Group => (FILTERS[2], GroupBy::Key),
        GroupBy::Key => (FILTERS[3], GroupBy::Day),
        GroupBy::Campaign => (FILTERS[4], GroupBy::Key),
        GroupBy::Country => (FILTERS[5], GroupBy::Campaign),
        GroupBy::Day | GroupBy::Week | GroupBy::Month => return Cell::text(name),
    };
    Cell::link(name, asked.with(filter, &item.id).with("by", next.as_str()).address(view.path, &[]))
}

pub fn signups(analysis: &Analysis, name: impl Fn(&Item) -> Cell) -> Table {
    let rows = analysis.items.iter().map(|item| {
        let figures = &item.figures;
        let mut row = vec![
            name(item),
            Cell::Number(number(figures.views)),
            Cell::Number(number(figures.automated)),
            Cell::number(figures.signups),
            Cell::Number(conversion(figures)),
        ];
        row.extend(figures.refusals.map(Cell::number));
        if let Some(before) = &item.previous {
            row.extend([
                Cell::Number(number(before.views)),
                Cell::number(before.signups),
                Cell::Number(conversion(before)),
            ]);
        }
        row
    });
    let mut columns = vec![group(analysis.by), "Views", "Previews and robots", "Signups", "Conversion"];
    columns.extend(analysis.refusals.is_some().then_some("Refusals"));
    if analysis.previous.is_some() {
        columns.extend(["Views before", "Signups before", "Conversion before"]);
    }
    Table::new("Views and signups", columns, rows, "Nobody has looked or signed up in this time.")
}

const OF_MONEY: [&str; 5] = ["New paying customers", "Payments", "Received", "Refunded", "Commission"];
const OF_MONEY_BEFORE: [&str; 3] = ["Payments before", "Received before", "Commission before"];

fn amounts(currency: &str, now: Option<&MoneyFigures>) -> [Cell; 5] {
    let amount = |value: fn(&MoneyFigures) -> rust_decimal::Decimal| {
        Cell::Number(now.map(|money| format!("{} {currency}", value(money))).unwrap_or_default())
    };
    let count = |value: fn(&MoneyFigures) -> i64| Cell::number(now.map_or(0, value));
    [
        count(|money| money.paying_customers),
        count(|money| money.payments),
        amount(|money| money.received),
        amount(|money| money.refunded),
        amount(|money| money.commission),
    ]
}

/// A row of amounts in a currency, with those of the period before where it is compared.
fn row(
    first: Cell,
    currency: &str,
    now: Option<&MoneyFigures>,
    before: Option<&MoneyFigures>,
    is_compared: bool,
) -> Vec<Cell> {
    let mut row = vec![first];
    row.extend(amounts(currency, now));
    if is_compared {
        let [_, payments, received, _, commission] = amounts(currency, before);
        row.extend([payments, received, commission]);
    }
    row
}

fn columns(first: &'static str, analysis: &Analysis) -> Vec<&'static str> {
    let before = analysis.previous.is_some().then_some(OF_MONEY_BEFORE).into_iter().flatten();
    std::iter::once(first).chain(OF_MONEY).chain(before).collect()
}

fn totals(analysis: &Analysis) -> Table {
    let previous = analysis.previous.as_ref();
    let rows = by_currency(&analysis.total, previous)
        .into_iter()
        .map(|(currency, now, before)| row(Cell::text(currency), currency, now, before, previous.is_some()));
    Table::new("Payments and commission", columns("Currency", analysis), rows, "Nothing was paid in this time.")
}

fn payments(analysis: &Analysis, name: impl Fn(&Item) -> Cell) -> Table {
    let rows = analysis.items.iter().flat_map(|item| {
        let lines = by_currency(&item.figures, item.previous.as_ref()).into_iter();
        let name = &name;
        lines.map(move |(currency, now, before)| row(name(item), currency, now, before, item.previous.is_some()))
    });
    let rows: Vec<_> = rows.collect();
    let title = "Payments and commission of these lines";
    Table::new(title, columns(group(analysis.by), analysis), rows, "Nothing was paid in this time.")
}

pub fn refusals(analysis: &Analysis) -> Table {
    let rows = analysis.refusals.iter().flatten().map(|line| {
        let mut row = vec![Cell::text(reason(line.reason)), Cell::number(line.count)];
        row.extend(line.previous.map(Cell::number));
        row
    });
    let mut columns = vec!["Reason", "Times"];
    columns.extend(analysis.previous.is_some().then_some("Times before"));
    Table::new("Refusals", columns, rows, "Nobody was refused in this time.")
}
