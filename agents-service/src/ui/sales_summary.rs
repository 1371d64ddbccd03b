//! Sales of thirty days for both faces: sums, and totals by group. The filter limits them to an agent.

use std::cmp::Ordering;

use askama::Template;
use contract::clock::{Clock, Day};
use contract::events::signups::RefusalReason;
use rust_decimal::Decimal;
use web::http::Problem;

use crate::columns::word;
use crate::sales;
use crate::sales::summary::{Filter, GroupBy};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::chart::Chart;
use crate::ui::inputs::{Input, Kind};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::table::{Block, Cell, Table};

const DAYS: i64 = 30;
const MAX_LINES: usize = 20;

#[derive(Template)]
#[template(path = "sales.html")]
pub struct SalesPage {
    pub layout: Layout,
    pub actions: Vec<Action>,
    pub choice: PeriodChoice,
    pub facts: Vec<(&'static str, Cell)>,
    /// What the chart shows.
    pub charted: String,
    pub chart: Chart,
    pub blocks: Vec<Block>,
    /// The path of the event stream that tells the page to reload.
    pub live: Option<&'static str>,
}

/// The form that chooses a period, and the next page of what it finds; nothing on a page whose period is fixed.
#[derive(Clone, Debug, Default)]
pub struct PeriodChoice {
    pub inputs: Vec<Input>,
    pub hidden: Vec<(&'static str, String)>,
    pub next: Option<String>,
}

/// The last thirty days, of all agents or of one.
pub fn month(clock: &Clock, agent_id: Option<uuid::Uuid>) -> Filter {
    let today = clock.now().day();
    Filter { agent_id, since_day: Some(today.plus(1 - DAYS)), until_day: Some(today), for_agent: false }
}

/// The last thirty days as the agent may see them.
pub fn own_month(clock: &Clock, agent_id: uuid::Uuid) -> Filter {
    Filter { for_agent: true, ..month(clock, Some(agent_id)) }
}

/// The same agents' sales of as many days before.
pub fn before(filter: &Filter) -> Filter {
    let back = |day: Option<Day>| day.map(|day| day.plus(-DAYS));
    Filter { since_day: back(filter.since_day), until_day: back(filter.until_day), ..*filter }
}

/// The same agent's sales of today.
pub fn today(filter: &Filter) -> Filter {
    Filter { since_day: filter.until_day, ..*filter }
}

/// A number per thousand as a percentage.
pub fn conversion(of_a_thousand: Option<u64>) -> Cell {
    Cell::number(of_a_thousand.map_or_else(|| "–".to_owned(), |share| format!("{}.{} %", share / 10, share % 10)))
}

/// How a table of totals shows an id.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    Id,
    /// By its name.
    Name,
    /// By its name, with a link to its page in this folder.
    Link(&'static str),
}

/// A table of totals with a title; `column` is the header of the ids.
pub async fn totals(
    app: &AppState,
    filter: &Filter,
    by: GroupBy,
    title: &'static str,
    column: &'static str,
    shown: Shown,
) -> Result<Block, Problem> {
    let found = sales::summary::totals(app.database(), filter, by, MAX_LINES).await?;
    let ids = found.iter().filter_map(|total| total.id.parse().ok());
    let names = match shown {
        Shown::Id => Labels::default(),
        Shown::Name => Labels::get(app, filter.agent_id, ids).await?,
        Shown::Link(_) => Labels::get(app, None, ids).await?,
    };
    let rows = found.iter().map(|total| {
        let name = match (shown, total.id.parse()) {
            (Shown::Name, Ok(id)) => Cell::text(names.of(id)),
            (Shown::Link(folder), Ok(id)) => names.link(folder, id),
            _ if total.id.is_empty() => Cell::text("(none)"),
            _ => Cell::text(total.id.as_str()),
        };
        // The number of views of a campaign is unknown, not zero.
        let views = if by == GroupBy::Campaign { "–".to_owned() } else { total.views.to_string() };
        let robots = if by == GroupBy::Campaign { "–".to_owned() } else { total.automated.to_string() };
        let signups = Cell::number(total.signups);
        vec![name, Cell::number(views), Cell::number(robots), signups, conversion(total.conversion())]
    });
    let columns = [column, "Views", "Previews and robots", "Signups", "Conversion"];
    let table = Table::new(title, columns, rows, "Nobody has looked or signed up in this time.");
    Ok(Block::of_table(table))
}

/// A reason in words: "plan retired".
pub fn reason(reason: RefusalReason) -> String {
    word(&reason).replace('_', " ")
}

pub async fn sums(app: &AppState, filter: &Filter) -> Result<Vec<(&'static str, Cell)>, Problem> {
    let (today, before) = (today(filter), before(filter));
    let sum = |filter| sales::summary::sum(app.database(), filter);
    let (today, month, before) = tokio::try_join!(sum(&today), sum(filter), sum(&before))?;
    Ok(vec![
        ("Signups today", Cell::Number(today.signups.to_string())),
        ("Signups in 30 days", Cell::Number(with_change(month.signups.into(), before.signups.into()))),
        ("Views in 30 days", Cell::Number(with_change(month.views.into(), before.views.into()))),
        ("Conversion in 30 days", conversion(month.conversion())),
        ("Refusals in 30 days", Cell::Number(month.refusals.to_string())),
    ])
}

/// A number, and its change against the time before; none where there was nothing before.
pub fn with_change(now: Decimal, before: Decimal) -> String {
    if before <= Decimal::ZERO {
        return now.to_string();
    }
    let share = |part: Decimal| (part * Decimal::ONE_HUNDRED / before).round();
    match now.cmp(&before) {
        Ordering::Greater => format!("{now} (+{} %)", share(now - before)),
        Ordering::Less => format!("{now} (−{} %)", share(before - now)),
        Ordering::Equal => format!("{now} (as before)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_its_change() {
        let told = |now: i64, before: i64| with_change(now.into(), before.into());
        assert_eq!(told(5, 0), "5");
        assert_eq!(told(15, 10), "15 (+50 %)");
        assert_eq!(told(1, 3), "1 (−67 %)");
        assert_eq!(told(3, 3), "3 (as before)");
        assert_eq!(told(-1, 4), "-1 (−125 %)");
        assert_eq!(with_change("12.50".parse().unwrap(), "10.00".parse().unwrap()), "12.50 (+25 %)");
    }
}
