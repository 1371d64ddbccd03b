//! A customer group: whose it is, what it sells, its members, its signup URLs and its history.

use axum::extract::Path;
use web::http::Problem;

use crate::analysis::question::Filter;
use crate::back_office::groups::{PLACE, find};
use crate::back_office::history;
use crate::groups::model::stream;
use crate::groups::snapshot::GroupSnapshot;
use crate::paging::Order;
use crate::sales::placements::{PlacementFilter, placements};
use crate::signup_keys::queries::Filter as KeyFilter;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::analysis::View;
use crate::ui::analysis::overview::{self, BY_AGENT, BY_CALL_PLAN, Overview};
use crate::ui::enum_labels;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
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
    let group = find(&app, &text).await?;
    let layout = Layout::new(&signed_in, group.name.clone(), PLACE)
        .noticing(&query, &[CHANGED, UNCHANGED])
        .warning(app.doubt_about_sales().await?);
    let of_group = Filter { group_id: Some(group.id), ..Filter::default() };
    let view = View::of_operator(&signed_in);
    let overview = overview::overview(&app, &view, &query, of_group, &[BY_CALL_PLAN, BY_AGENT]).await?;
    let Overview { facts: figures, of_period, tables, refusals } = overview;
    let mut blocks: Vec<Block> = tables.into_iter().chain([refusals]).filter(Block::has_rows).collect();
    if signed_in.holds("customers:read") {
        blocks.push(members(&app, &group).await?);
    }
    blocks.push(urls(&app, &group).await?);
    blocks.push(history::block(&app, &stream(group.id), None).await?);
    let path = format!("{PLACE}/{}", group.id);
    let analysis = format!("/analysis?by=agent&period=last_month&compare=true&group_id={}", group.id);
    page(&TabbedPage {
        layout,
        tabs: Vec::new(),
        state: None,
        actions: vec![Action::new("Edit", format!("{path}/edit")), Action::new("Last month by agent", analysis)],
        of_period: Some(of_period),
        figures,
        facts: facts(&app, &group).await?,
        has_days: false,
        blocks,
    })
}

async fn facts(app: &AppState, group: &GroupSnapshot) -> Result<Vec<(&'static str, Cell)>, Problem> {
    let names = Labels::get(app, None, group.agent_id).await?;
    let nobody = || Cell::link("Nobody yet. Choose its agent", format!("{PLACE}/{}/edit", group.id));
    let elements = enum_labels::ui_elements(&group.ui_elements);
    let mut facts = vec![("Agent who may use it", group.agent_id.map_or_else(nobody, |id| names.link("/agents", id)))];
    facts.extend((!group.description.is_empty()).then(|| ("Description", Cell::text(group.description.clone()))));
    facts.push((
        "Elements of the customer UI",
        Cell::text(if elements.is_empty() { "None".to_owned() } else { elements }),
    ));
    Ok(facts)
}

async fn members(app: &AppState, group: &GroupSnapshot) -> Result<Block, Problem> {
    let filter = PlacementFilter {
        group_id: Some(group.id),
        order: Order::Descending,
        limit: ROWS,
        ..PlacementFilter::default()
    };
    let found = placements(app.database(), &filter).await?;
    let note = found.next.is_some().then(|| format!("The newest {ROWS}; the list has them all."));
    let rows = found.items.into_iter().map(|placement| {
        vec![
            Cell::link(placement.customer_number, format!("/customers/{}", placement.customer_id)),
            Cell::link(placement.agent_name, format!("/agents/{}", placement.agent_id)),
            Cell::text(placement.call_plan_name),
            Cell::link(placement.key.clone(), format!("/signup-keys/{}", placement.key)),
            Cell::moment(placement.placed_at),
        ]
    });
    let columns = ["Number", "Agent", "Call plan", "Signup key", "Since"];
    let table = Table::new("Members", columns, rows, "No members yet. Give one of the signup URLs to visitors.");
    let actions = vec![Action::new("All members", format!("/customers?group_id={}", group.id))];
    Ok(Block { note, actions, ..Block::of_table(table) })
}

async fn urls(app: &AppState, group: &GroupSnapshot) -> Result<Block, Problem> {
    let filter = KeyFilter { group_id: Some(group.id), order: Order::Descending, limit: ROWS, ..KeyFilter::default() };
    let empty = if group.agent_id.is_some() {
        "No signup URLs yet. Add a URL key for this group."
    } else {
        "No signup URLs yet. Choose the group's agent first."
    };
    let block = brief::block(app, &filter, empty).await?;
    let add = |agent_id| format!("/signup-keys/new?agent_id={agent_id}&group_id={}", group.id);
    let mut actions: Vec<_> = group.agent_id.map(|id| Action::new("Add URL key", add(id))).into_iter().collect();
    actions.push(Action::new("All signup URLs", format!("/signup-keys?group_id={}", group.id)));
    Ok(Block { actions, ..block })
}
