//! Cohorts for both faces: a table for each currency, with what the customers of a month paid in each month since.

use std::collections::BTreeSet;

use contract::zone::Zone;
use web::http::Problem;

use crate::analysis::api::file;
use crate::analysis::cohorts::{self, Cohort, Cohorts, CohortsOf};
use crate::analysis::csv;
use crate::sales::api::source;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::analysis::{View, months};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::reader;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Block, Cell, ShowPage, Table};

/// The months since a placement; what came later is added up in the last one.
const SINCE: [&str; 13] = [
    "Same month",
    "1 month later",
    "2 months later",
    "3 months later",
    "4 months later",
    "5 months later",
    "6 months later",
    "7 months later",
    "8 months later",
    "9 months later",
    "10 months later",
    "11 months later",
    "Afterwards",
];

async fn find(app: &AppState, view: &View, query: &PageQuery) -> Result<Cohorts, Problem> {
    let zone = match query.text("time_zone").and_then(|name| Zone::named(&name)) {
        Some(zone) => zone,
        None => reader::zone(),
    };
    let agent_id = if view.is_agents() { view.agent_id } else { query.parsed("agent_id") };
    let of = CohortsOf { period: months(app, &zone), agent_id, zone, reader: view.reader };
    Ok(Box::pin(cohorts::cohorts(app.database(), &of)).await?)
}

pub async fn show(app: &AppState, signed_in: &SignedIn, view: View, query: &PageQuery) -> PageResult {
    let found = Box::pin(find(app, &view, query)).await?;
    let agent_id = query.text("agent_id").filter(|_| !view.is_agents());
    let of_agent = agent_id.map(|id| format!("?agent_id={}", crate::endpoint::path_segment(&id))).unwrap_or_default();
    let actions = vec![
        Action::new("Download CSV", format!("{}/cohorts.csv{of_agent}", view.path)),
        Action::new("All figures", format!("{}{of_agent}", view.path)),
    ];
    let note = format!(
        "Customers by the month in which they were placed; {} months, {}. Amounts are what was received, less refunds.",
        found.count, found.time_zone
    );
    let mut blocks = vec![Block { note: Some(note), ..Block::of_table(sizes(&found, view.reader.money)) }];
    let months = found.items.iter().flat_map(|cohort| cohort.months.iter().flatten());
    let currencies: BTreeSet<&str> = months.map(|month| month.currency.as_str()).collect();
    for currency in currencies {
        let table = paid(&found, currency);
        blocks.push(Block { note: Some(format!("All amounts are in {currency}.")), ..Block::of_table(table) });
    }
    let layout = Layout::new(signed_in, "Cohorts", view.path).warning(app.doubt_about_sales().await?);
    page(&ShowPage { layout, state: None, actions, facts: Vec::new(), on: None, blocks })
}

pub async fn csv(app: &AppState, view: View, query: &PageQuery) -> PageResult {
    source(app).await?;
    let found = Box::pin(find(app, &view, query)).await?;
    Ok(file("cohorts", csv::cohorts(&found, view.reader.money)))
}

fn sizes(found: &Cohorts, has_money: bool) -> Table {
    let rows = found.items.iter().map(|cohort| {
        let mut row = vec![Cell::text(cohort.placed.clone()), Cell::number(cohort.customers)];
        row.extend(has_money.then(|| Cell::number(cohort.paying_customers.unwrap_or(0))));
        row
    });
    let mut columns = vec!["Placed in", "Customers"];
    columns.extend(has_money.then_some("Have paid"));
    Table::new("Customers", columns, rows, "Nobody was placed yet.")
}

/// What was paid in one currency.
fn paid(found: &Cohorts, currency: &str) -> Table {
    let rows = found.items.iter().map(|cohort| {
        let mut row = vec![Cell::text(cohort.placed.clone())];
        row.extend(
            sums(cohort, currency)
                .into_iter()
                .map(|sum| Cell::Number(sum.map(|sum| format!("{sum} {currency}")).unwrap_or_default())),
        );
        row
    });
    let columns = std::iter::once("Placed in").chain(SINCE).collect::<Vec<_>>();
    Table::new("Received since the placement", columns, rows, "Nothing was paid yet.")
}

/// What was paid in each month since the placement, less refunds.
fn sums(cohort: &Cohort, currency: &str) -> [Option<rust_decimal::Decimal>; SINCE.len()] {
    let mut sums = [None; SINCE.len()];
    for month in cohort.months.iter().flatten().filter(|month| month.currency == currency) {
        let since = number(&month.month).saturating_sub(number(&cohort.placed)).min(SINCE.len() - 1);
        let sum = sums[since].get_or_insert_with(rust_decimal::Decimal::default);
        *sum += month.received - month.refunded;
    }
    sums
}

/// The number of a month such as 2026-07.
fn number(month: &str) -> usize {
    let (year, month) = month.split_once('-').unwrap_or_default();
    year.parse::<usize>().unwrap_or(0) * 12 + month.parse::<usize>().unwrap_or(0)
}
