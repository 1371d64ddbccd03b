//! A call plan: what it costs, what it sells, who may sell it, its signup URLs and its history.

use axum::extract::Path;
use web::http::Problem;

use crate::analysis::question::Filter;
use crate::back_office::call_plans::{PLACE, RETIRED, find};
use crate::back_office::history;
use crate::call_plans::model::stream;
use crate::call_plans::snapshot::{CallPlanSnapshot, State as PlanState};
use crate::grants::queries::sellers;
use crate::paging::Order;
use crate::signup_keys::queries::Filter as KeyFilter;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::analysis::View;
use crate::ui::analysis::overview::{self, BY_AGENT, BY_GROUP, Overview};
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::notice::{CHANGED, UNCHANGED};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::Context;
use crate::ui::signup_keys::brief;
use crate::ui::table::{Block, Cell, Table};
use crate::ui::tabs::TabbedPage;

/// Rows of each list.
const ROWS: usize = 25;

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let plan = find(&app, &text).await?;
    let layout = Layout::new(&signed_in, plan.name.clone(), PLACE)
        .noticing(&query, &[CHANGED, UNCHANGED, RETIRED])
        .warning(app.doubt_about_sales().await?);
    let of_plan = Filter { call_plan_id: Some(plan.id), ..Filter::default() };
    let view = View::of_operator(&signed_in);
    let overview = overview::overview(&app, &view, &query, of_plan, &[BY_AGENT, BY_GROUP]).await?;
    let Overview { facts: figures, of_period, tables, refusals } = overview;
    let history = history::block(&app, &stream(plan.id), None).await?;
    let known = [sold_by(&app, &plan).await?, urls(&app, &plan).await?];
    let blocks = tables.into_iter().chain([refusals]).filter(Block::has_rows).chain(known).chain([history]).collect();
    page(&TabbedPage {
        layout,
        tabs: Vec::new(),
        state: Some(plan.state.as_str()),
        actions: actions(&plan),
        of_period: Some(of_period),
        figures,
        facts: facts(plan),
        has_days: false,
        blocks,
    })
}

/// A retired plan cannot be changed.
fn actions(plan: &CallPlanSnapshot) -> Vec<Action> {
    let path = format!("{PLACE}/{}", plan.id);
    let analysis = format!("/analysis?by=agent&period=last_month&compare=true&call_plan_id={}", plan.id);
    let mut actions = Vec::new();
    if plan.state == PlanState::Offered {
        actions
            .extend([Action::new("Edit", format!("{path}/edit")), Action::grave("Retire", format!("{path}/retire"))]);
    }
    actions.push(Action::new("Last month by agent", analysis));
    actions
}

fn facts(plan: CallPlanSnapshot) -> Vec<(&'static str, Cell)> {
    let retired = "Nobody can sign up for it any more. Customers who have it keep it.";
    let status = if plan.state == PlanState::Retired { retired.to_owned() } else { String::new() };
    let commission = match (plan.commission, money::plain_percent(plan.commission.as_ref())) {
        (None, _) => "The agent's".to_owned(),
        (Some(_), Some(percent)) => format!("{percent} %"),
        (Some(_), None) => "Terms of its own, stated through the API".to_owned(),
    };
    let facts =
        [("Status", status), ("Price", plan.price_text), ("Commission", commission), ("Description", plan.description)];
    facts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| (label, Cell::text(text))).collect()
}

async fn sold_by(app: &AppState, plan: &CallPlanSnapshot) -> Result<Block, Problem> {
    let mut found = sellers(app.database(), plan.id, ROWS).await?;
    let note = (found.len() > ROWS).then(|| format!("The first {ROWS}; the list has them all."));
    found.truncate(ROWS);
    let rows = found.into_iter().map(|seller| {
        vec![
            Cell::link(seller.name, format!("/agents/{}", seller.id)),
            Cell::State(seller.state.as_str().to_owned()),
            Cell::number(seller.keys),
        ]
    });
    let empty = "No agent may sell it yet. Open an agent and add the call plan.";
    let table = Table::new("Agents who may sell it", ["Agent", "State", "Signup URLs"], rows, empty);
    let all = if table.rows.is_empty() {
        Action::new("Choose an agent", "/agents")
    } else {
        Action::new("All agents who may sell it", format!("/agents?call_plan_id={}", plan.id))
    };
    Ok(Block { note, actions: vec![all], ..Block::of_table(table) })
}

async fn urls(app: &AppState, plan: &CallPlanSnapshot) -> Result<Block, Problem> {
    let filter =
        KeyFilter { call_plan_id: Some(plan.id), order: Order::Descending, limit: ROWS, ..KeyFilter::default() };
    let block = brief::block(app, &filter, "No signup URLs yet. Add a URL key for an agent who may sell it.").await?;
    let all = Action::new("All signup URLs", format!("/signup-keys?call_plan_id={}", plan.id));
    let add = Action::new("Add URL key", "/signup-keys/new");
    let actions = if plan.state == PlanState::Offered { vec![add, all] } else { vec![all] };
    Ok(Block { actions, ..block })
}
