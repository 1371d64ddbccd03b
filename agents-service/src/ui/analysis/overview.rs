//! The figures of a chosen period on the first page: sums against the period before, a chart, and who and what sold most.

use contract::clock::Day;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use web::http::Problem;

use crate::analysis::figures::{Analysis, Figures, Item, MoneyFigures};
use crate::analysis::queries::{self, PageOf};
use crate::analysis::question::{Filter, GroupBy, Question, Reader};
use crate::analysis::requests::Asked;
use crate::state::AppState;
use crate::ui::analysis::{View, bar_label, blocks, chart_unit, inputs};
use crate::ui::chart::Chart;
use crate::ui::form::FormData;
use crate::ui::page_query::PageQuery;
use crate::ui::reader;
use crate::ui::sales_summary::{PeriodChoice, with_change};
use crate::ui::table::{Block, Cell};

/// Most lines of a table.
const MAX_LINES: usize = 20;
/// The parameter of what the chart shows.
const CHART: &str = "chart";
const SIGNUPS: &str = "signups";
const VIEWS: &str = "views";
/// Before the currency whose commission the chart shows.
const COMMISSION: &str = "commission-";

/// What stands for no campaign.
pub const NO_CAMPAIGN: &str = "(none)";

/// What a page shows of a period.
pub struct Overview {
    pub facts: Vec<(&'static str, Cell)>,
    pub of_period: OfPeriod,
    /// A table for each part that was asked for.
    pub tables: Vec<Block>,
    pub refusals: Block,
}

/// The form that chooses a period, and the chart over it.
pub struct OfPeriod {
    pub choice: PeriodChoice,
    pub charted: String,
    pub chart: Chart,
}

/// A table by something: its title, and the folder of the pages that its rows link to.
pub type TableBy = (GroupBy, &'static str, &'static str);

pub const BY_AGENT: TableBy = (GroupBy::Agent, "By agent", "/agents");
pub const BY_CALL_PLAN: TableBy = (GroupBy::CallPlan, "By call plan", "/call-plans");
pub const BY_GROUP: TableBy = (GroupBy::Group, "By group", "/groups");
pub const BY_CAMPAIGN: TableBy = (GroupBy::Campaign, "By campaign", "");

/// The figures of the period that the page is asked for, in the reader's zone: of everything, or of what `filter` leaves.
pub async fn overview(
    app: &AppState,
    view: &View,
    query: &PageQuery,
    filter: Filter,
    parts: &[TableBy],
) -> Result<Overview, Problem> {
    let asked = Asked::of(|name| query.text(name).filter(|_| inputs::OF_PERIOD.contains(&name)));
    let (now, zone) = (app.clock.now(), reader::zone());
    let today = zone.day(now).unwrap_or(now.day());
    let (question, _) = asked.question(now, zone, view.reader, GroupBy::Agent);
    let question = Question { filter, ..question };
    let of_days = Question { by: chart_unit(question.period).0, compare: true, ..question.clone() };
    let tables = parts.iter().map(|part| table(app, &question, *part));
    let (days, tables) = tokio::try_join!(
        async { Ok(queries::analysis(app.database(), &of_days, PageOf::ALL).await?) },
        futures::future::try_join_all(tables),
    )?;
    let charts = charts(&days);
    let wanted = query.text(CHART).filter(|wanted| charts.iter().any(|(value, _)| value == wanted));
    let wanted = wanted.unwrap_or_else(|| SIGNUPS.to_owned());
    let (charted, chart) = chart(&days, &wanted, &question);
    let mut data = FormData::default();
    data.set(CHART, wanted);
    let mut form = inputs::of_period(&asked);
    form.push(data.choice(CHART, "Chart", None, charts));
    let choice = PeriodChoice { inputs: form, ..PeriodChoice::default() };
    let of_period = OfPeriod { choice, charted, chart };
    Ok(Overview { facts: facts(&days, today), of_period, tables, refusals: Block::of_table(blocks::refusals(&days)) })
}

async fn table(app: &AppState, question: &Question, (by, title, folder): TableBy) -> Result<Block, Problem> {
    let question = Question { by, reader: Reader { money: false, ..question.reader }, ..question.clone() };
    let found = queries::analysis(app.database(), &question, PageOf { after: 0, limit: MAX_LINES }).await?;
    let name = |item: &Item| match &item.name {
        Some(name) if folder.is_empty() => Cell::text(name.clone()),
        Some(name) => Cell::link(name.clone(), format!("{folder}/{}", item.id)),
        None if by != GroupBy::Campaign => Cell::text("(not known)"),
        None => Cell::text(if item.id.is_empty() { NO_CAMPAIGN } else { &item.id }),
    };
    Ok(Block { title, ..Block::of_table(blocks::signups(&found, name)) })
}

/// What the chart can show, by the value of its parameter.
fn charts(days: &Analysis) -> Vec<(String, String)> {
    let currencies = days.total.money.iter().flatten().map(|money| money.currency.as_str());
    let commission = currencies.map(|code| (format!("{COMMISSION}{code}"), format!("Commission in {code}")));
    let counts = [(SIGNUPS, "Signups"), (VIEWS, "Views")].map(|(value, label)| (value.to_owned(), label.to_owned()));
    counts.into_iter().chain(commission).collect()
}

fn chart(days: &Analysis, wanted: &str, question: &Question) -> (String, Chart) {
    let (by, each) = chart_unit(question.period);
    let value = |figures: &Figures| match wanted.strip_prefix(COMMISSION) {
        // The bar of a day on which more was taken back than earned has no height.
        Some(code) => commission(figures, code).round().to_u64().unwrap_or(0),
        None if wanted == VIEWS => figures.views.unwrap_or(0),
        None => figures.signups,
    };
    let bars = days.items.iter().map(|item| (bar_label(by, &item.id), value(&item.figures)));
    let what = match wanted.strip_prefix(COMMISSION) {
        Some(code) => format!("Commission in {code}, rounded,"),
        None if wanted == VIEWS => "Views".to_owned(),
        None => "Signups".to_owned(),
    };
    (format!("{what} {each}"), Chart::of_days(&bars.collect::<Vec<_>>()))
}

fn commission(figures: &Figures, code: &str) -> Decimal {
    let of_currency = |money: &&MoneyFigures| money.currency == code;
    figures.money.iter().flatten().find(of_currency).map(|money| money.commission).unwrap_or_default()
}

fn facts(days: &Analysis, today: Day) -> Vec<(&'static str, Cell)> {
    let (now, before) = (&days.total, days.previous.as_ref());
    let count = |of: fn(&Figures) -> u64| Cell::Number(with_change(of(now).into(), before.map_or(0, of).into()));
    let today = days.items.last().filter(|item| item.id == today.to_string());
    let today = today.map(|item| ("Signups today", Cell::number(item.figures.signups)));
    let mut facts: Vec<_> = today.into_iter().collect();
    facts.extend([
        ("Signups", count(|figures| figures.signups)),
        ("Views", count(|figures| figures.views.unwrap_or(0))),
        ("Conversion", Cell::Number(blocks::conversion(now))),
    ]);
    facts.extend(now.refusals.map(|_| ("Refusals", count(|figures| figures.refusals.unwrap_or(0)))));
    facts.extend(now.money.iter().flatten().map(|money| {
        let (code, before) = (&money.currency, before.map(|before| commission(before, &money.currency)));
        let commission = with_change(money.commission, before.unwrap_or_default());
        let (amount, change) = commission.split_once(' ').unwrap_or((&commission, ""));
        ("Commission", Cell::Number(format!("{amount} {code} {change}").trim_end().to_owned()))
    }));
    facts
}
