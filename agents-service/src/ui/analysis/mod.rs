//! The analysis of sales for both faces: a period chosen by a form without script, a chart, tables with the period before, and CSV of
//! each table. A [`View`] says whose figures they are, so an agent's page cannot ask for another's.

pub mod blocks;
pub mod cohorts;
mod inputs;
pub mod overview;

use axum::response::{IntoResponse, Response};
use contract::events::agents::Permission;
use uuid::Uuid;
use web::http::Problem;

use crate::analysis::api::file;
use crate::analysis::csv::TableOf;
use crate::analysis::period::{Period, Unit};
use crate::analysis::queries::{self, PageOf};
use crate::analysis::question::{GroupBy, Question, Reader};
use crate::analysis::requests::Asked;
use crate::sales::api::source;
use crate::signup_keys;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::chart::Chart;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::reader;
use crate::ui::sales_summary::{PeriodChoice, SalesPage};
use crate::ui::signed_in::SignedIn;

/// Most bars of a chart of days, and of weeks.
const MAX_BARS: i64 = 92;

/// Whose analysis it is, and where.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub path: &'static str,
    pub title: &'static str,
    pub agent_id: Option<Uuid>,
    pub reader: Reader,
}

impl View {
    /// Over all agents; money for operators who may read it.
    pub fn of_operator(signed_in: &SignedIn) -> Self {
        let reader = Reader { money: signed_in.holds("money:read"), is_agent: false };
        Self { path: "/analysis", title: "Analysis", agent_id: None, reader }
    }

    /// The agent's own; money for those who may see commission.
    pub fn of_agent(signed_in: &SignedIn) -> Self {
        let reader = Reader { money: signed_in.may(Permission::Commission), is_agent: true };
        Self { path: "/portal/sales", title: "Sales", agent_id: Some(signed_in.id), reader }
    }

    fn is_agents(&self) -> bool {
        self.reader.is_agent
    }

    /// What is asked for by default.
    fn by(&self) -> GroupBy {
        if self.is_agents() { GroupBy::Group } else { GroupBy::Agent }
    }

    fn may_ask(&self, by: GroupBy) -> bool {
        !(self.is_agents() && by == GroupBy::Agent)
    }
}

/// A checked request of a page.
struct Request {
    asked: Asked,
    question: Question,
    /// What is wrong with it, in words.
    wrong: Vec<String>,
}

async fn request(app: &AppState, view: &View, query: &PageQuery) -> Result<Request, Problem> {
    let is_foreign = |name: &str| view.is_agents() && ["agent_id", "attribution"].contains(&name);
    let asked = Asked::of(|name| query.text(name).filter(|_| !is_foreign(name)));
    let (mut question, wrong) = asked.question(app.clock.now(), reader::zone(), view.reader, view.by());
    if !view.may_ask(question.by) {
        question.by = view.by();
    }
    if view.is_agents() {
        question.filter.agent_id = view.agent_id;
    } else if let Some(key) = question.filter.key.take() {
        // Only here: an agent would learn which keys of others there are.
        question.filter.key = Some(signup_keys::queries::stored(app.database(), key).await?);
    }
    let wrong =
        wrong.into_iter().map(|(name, _, message)| format!("{name}: {message}. The default is shown.")).collect();
    Ok(Request { asked, question, wrong })
}

/// The page of figures.
pub async fn show(app: &AppState, signed_in: &SignedIn, view: View, query: &PageQuery) -> PageResult {
    let Request { asked, question, wrong } = request(app, &view, query).await?;
    let after: usize = query.parsed("after").unwrap_or(0);
    let page_of = PageOf { after, limit: LIST_LIMIT };
    let (analysis, (charted, chart)) = tokio::try_join!(
        async { Ok(queries::analysis(app.database(), &question, page_of).await?) },
        chart(app, &question)
    )?;
    let layout = Layout::new(signed_in, view.title, view.path).warning(app.doubt_about_sales().await?).warning(wrong);
    let choice = PeriodChoice {
        inputs: inputs::inputs(&view, &asked, &question),
        hidden: inputs::hidden(&asked),
        next: analysis.next.as_deref().map(|after| asked.address(view.path, &[("after", after)])),
    };
    let mut actions = vec![Action::new("Cohorts", format!("{}/cohorts", view.path))];
    if inputs::is_filtered(&asked) {
        let all = inputs::FILTERS.iter().fold(asked.clone(), |asked, name| asked.with(name, ""));
        actions.insert(0, Action::new("Remove filters", all.address(view.path, &[])));
    }
    let facts = blocks::facts(&analysis);
    let blocks = blocks::blocks(app, &view, &asked, &question, &analysis, after).await?;
    page(&SalesPage { layout, actions, choice, facts, charted, chart, blocks, live: None })
}

/// What the bars of a chart over a period are: days, or weeks or months where it is long.
fn chart_unit(period: Period) -> (GroupBy, &'static str) {
    match period.days() {
        ..=MAX_BARS => (GroupBy::Day, "each day"),
        days if days <= 7 * MAX_BARS => (GroupBy::Week, "each week, by its Monday"),
        _ => (GroupBy::Month, "each month"),
    }
}

/// Signups of the period.
async fn chart(app: &AppState, question: &Question) -> Result<(String, Chart), Problem> {
    let (by, each) = chart_unit(question.period);
    // The chart shows neither money nor the period before.
    let reader = Reader { money: false, ..question.reader };
    let question = Question { by, compare: false, reader, ..question.clone() };
    let answer = queries::answer(app.database(), &question).await?;
    let bars = answer.members.into_iter().map(|(name, [now, _])| (bar_label(by, &name), now.signups));
    Ok((format!("Signups {each}"), Chart::of_days(&bars.collect::<Vec<_>>())))
}

/// The label of a bar, which the chart shows without its year.
fn bar_label(by: GroupBy, name: &str) -> String {
    if by == GroupBy::Month { format!("    -{name}") } else { name.to_owned() }
}

/// A table as CSV, all of it.
pub async fn csv(app: &AppState, view: View, query: &PageQuery) -> PageResult {
    // A file cannot show a warning.
    source(app).await?;
    let Request { question, wrong, .. } = request(app, &view, query).await?;
    let table = query.parsed::<TableOf>("table").unwrap_or(TableOf::Signups);
    if !wrong.is_empty() || (table == TableOf::Payments && !view.reader.money) {
        return Err(Problem::not_found().into());
    }
    let analysis = queries::analysis(app.database(), &question, PageOf::ALL).await.map_err(Problem::from)?;
    Ok(named(table.as_str(), &question, table.csv(&analysis)))
}

/// A file whose name says what is in it.
fn named(table: &str, question: &Question, text: String) -> Response {
    let Period { first, last } = question.period;
    file(&format!("{table}-by-{}-{first}-{last}", question.by.as_str()), text).into_response()
}

/// The months up to today, for pages whose period is not chosen.
fn months(app: &AppState, zone: &contract::zone::Zone) -> Period {
    let now = app.clock.now();
    let today = zone.day(now).unwrap_or(now.day());
    let last = Unit::Month.around(today);
    Period { last: last.last, ..crate::analysis::cohorts::CohortsOf::last_months(today) }
}
