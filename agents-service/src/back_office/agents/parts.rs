//! Parts of an agent's page: signup URLs, customers, call plans and groups, history. Each shows a page of its list, and leads to the
//! whole list of this agent.

use axum::extract::Path;
use contract::clock::Day;
use web::http::Problem;

use crate::agents::model::stream;
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::back_office::agent_tabs::{Part, tabs};
use crate::back_office::agents::as_of::agent_on;
use crate::back_office::agents::find;
use crate::back_office::agents::show::unless_closed;
use crate::back_office::grants::{GRANTED, WITHDRAWN};
use crate::back_office::{customers, history};
use crate::endpoint::id;
use crate::paging::Order;
use crate::signup_keys::queries::Filter as KeyFilter;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::brief;
use crate::ui::table::{Block, Cell, Table};
use crate::ui::tabs::TabbedPage;
use crate::{grants, groups};

/// A part with these blocks.
pub fn part(
    signed_in: &SignedIn,
    query: &PageQuery,
    agent: &AgentSnapshot,
    part: Part,
    blocks: Vec<Block>,
) -> TabbedPage {
    let layout = Layout::new(signed_in, part.title(agent), "/agents").noticing(query, &[GRANTED, WITHDRAWN]);
    TabbedPage {
        layout,
        tabs: tabs(agent.id, part),
        state: Some(agent.state.as_str()),
        actions: Vec::new(),
        of_period: None,
        figures: Vec::new(),
        facts: Vec::new(),
        has_days: false,
        blocks,
    }
}

pub async fn urls(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let (agent, _) = find(&app, &text).await?;
    let filter =
        KeyFilter { agent_id: Some(agent.id), order: Order::Descending, limit: LIST_LIMIT, ..KeyFilter::default() };
    let block = brief::block(&app, &filter, "No signup URLs yet. Add a URL key.").await?;
    let add = Action::new("Add URL key", format!("/signup-keys/new?agent_id={}", agent.id));
    let mut actions = unless_closed(&agent, [add]);
    actions.push(Action::new("All signup URLs", format!("/signup-keys?agent_id={}", agent.id)));
    page(&part(&signed_in, &query, &agent, Part::Urls, vec![Block { actions, ..block }]))
}

pub async fn customers(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let (agent, _) = find(&app, &text).await?;
    let block = customers::of_agent(&app, agent.id).await?;
    page(&part(&signed_in, &query, &agent, Part::Customers, vec![block]))
}

pub async fn plans(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let (agent, _) = find(&app, &text).await?;
    let blocks = vec![granted(&app, &agent).await?, owned_groups(&app, &agent).await?];
    page(&part(&signed_in, &query, &agent, Part::Plans, blocks))
}

async fn granted(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let path = format!("/agents/{}/call-plans", agent.id);
    let found = grants::queries::list(app.database(), agent.id).await?;
    let note = (found.len() > LIST_LIMIT).then(|| format!("{LIST_LIMIT} of {}.", found.len()));
    let rows = found.into_iter().take(LIST_LIMIT).map(|grant| {
        let withdraw = Cell::link("Withdraw", format!("{path}/withdraw?call_plans%5B%5D={}", grant.id));
        vec![
            Cell::link(grant.name, format!("/call-plans/{}", grant.id)),
            Cell::State(grant.state.as_str().to_owned()),
            Cell::number(grant.keys),
            if agent.state == AgentState::Closed { Cell::text("") } else { withdraw },
        ]
    });
    let columns = ["Call plan", "State", "Signup URLs", "Withdraw"];
    let table = Table::new("Call plans usable", columns, rows, "No call plans yet. Add the plans this agent may sell.");
    let actions = [
        Action::new("Add call plans", format!("{path}/add")),
        Action::grave("Withdraw call plans", format!("{path}/withdraw")),
    ];
    Ok(Block { note, actions: unless_closed(agent, actions), ..Block::of_table(table) })
}

async fn owned_groups(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let filter =
        groups::queries::Filter { agent_id: Some(agent.id), limit: LIST_LIMIT, ..groups::queries::Filter::default() };
    let found = groups::queries::list(app.database(), &filter).await?;
    let note = found.next.is_some().then(|| format!("The first {LIST_LIMIT}."));
    let rows = found
        .items
        .into_iter()
        .map(|group| vec![Cell::link(group.name, format!("/groups/{}", group.id)), Cell::text(group.description)]);
    let columns = ["Group", "Description"];
    let table = Table::new("Customer groups", columns, rows, "No customer groups yet. Add one for this agent.");
    let add = Action::new("Add group", format!("/groups/new?agent_id={}", agent.id));
    let mut actions = unless_closed(agent, [add]);
    actions.push(Action::new("All groups of the agent", format!("/groups?agent_id={}", agent.id)));
    Ok(Block { note, actions, ..Block::of_table(table) })
}

/// The history, and the agent as of a day that is chosen.
pub async fn history(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let day = query.text("on");
    if let Some(day) = day.as_deref().filter(|day| day.parse::<Day>().is_ok()) {
        return agent_on(&app, &signed_in, id(&text)?, day).await;
    }
    let unreadable = day.map(|_| "Enter a day such as 2026-01-31.");
    let (agent, _) = find(&app, &text).await?;
    let path = Part::History.path(agent.id);
    let block = history::block(&app, &stream(agent.id), Some(&path)).await?;
    let shown = part(&signed_in, &query, &agent, Part::History, vec![block]);
    page(&TabbedPage { layout: shown.layout.warning(unreadable), has_days: true, ..shown })
}
