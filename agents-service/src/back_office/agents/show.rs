//! An agent's page: terms, call plans, groups, signup URLs and history.

use axum::extract::Path;
use contract::clock::Day;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::model::stream;
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::back_office::agents::as_of::agent_on;
use crate::back_office::agents::edit::ADDED_WITHOUT_PLANS;
use crate::back_office::agents::state_changes::{CLOSED, REINSTATED, SUSPENDED};
use crate::back_office::agents::terms::terms;
use crate::back_office::agents::{PLACE, find};
use crate::back_office::grants::{GRANTED, WITHDRAWN};
use crate::back_office::{self, history};
use crate::endpoint::id;
use crate::sales::summary::GroupBy;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_contact::{contact, payouts_blocked};
use crate::ui::enum_labels::or_erased;
use crate::ui::labels::MAX_CHOICES;
use crate::ui::layout::Layout;
use crate::ui::notice::{ADDED, CHANGED, ERASED, Notice, UNCHANGED};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::sales_summary::{self, Shown};
use crate::ui::signed_in::Context;
use crate::ui::signup_keys::state::Reasons;
use crate::ui::table::{Block, Cell, ShowPage, Table};
use crate::{grants, groups, signup_keys};

/// The notices of the page.
const NOTICES: [Notice; 10] =
    [ADDED, ADDED_WITHOUT_PLANS, CHANGED, UNCHANGED, SUSPENDED, REINSTATED, CLOSED, ERASED, GRANTED, WITHDRAWN];

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let day = query.text("on");
    if let Some(day) = day.as_deref().filter(|day| day.parse::<Day>().is_ok()) {
        return agent_on(&app, &signed_in, id(&text)?, day).await;
    }
    let unreadable = day.map(|_| "Enter a day such as 2026-01-31.");
    let (agent, details) = find(&app, &text).await?;
    let path = format!("{PLACE}/{}", agent.id);
    let layout = Layout::new(&signed_in, agent.name.clone(), PLACE)
        .noticing(&query, &NOTICES)
        .warning(app.doubt_about_sales().await?);
    let layout = layout.warning(unreadable);
    let mut facts = vec![("Login", Cell::text(or_erased(details.login.clone())))];
    facts.extend(terms(&agent));
    facts.extend(contact(&details));
    facts.extend(payouts_blocked(&app, &details).await?);
    let blocks = vec![
        granted(&app, &agent, &path).await?,
        owned_groups(&app, &agent).await?,
        keys(&app, &agent).await?,
        sold(&app, agent.id).await?,
        history::block(&app, &stream(agent.id), Some(&path)).await?,
    ];
    let (state, actions) = (Some(agent.state.as_str()), actions(&agent, &path));
    page(&ShowPage { layout, state, actions, facts, on: Some(String::new()), blocks })
}

fn actions(agent: &AgentSnapshot, path: &str) -> Vec<Action> {
    let edit = Action::new("Edit", format!("{path}/edit"));
    let copy = Action::new("Add another like this", format!("/agents/new?copy={}", agent.id));
    let messages = Action::new("Messages", back_office::support::path(agent.id));
    let ledger = Action::new("Ledger", format!("{path}/ledger"));
    let statements = Action::new("Statements", format!("/statements?agent_id={}", agent.id));
    let close = Action::grave("Close", format!("{path}/close"));
    match agent.state {
        AgentState::Active => {
            vec![edit, copy, messages, ledger, statements, Action::grave("Suspend", format!("{path}/suspend")), close]
        }
        AgentState::Suspended => {
            vec![edit, messages, ledger, statements, Action::new("Reinstate", format!("{path}/reinstate")), close]
        }
        AgentState::Closed if agent.erased => vec![messages, ledger, statements],
        AgentState::Closed => vec![messages, ledger, statements, Action::grave("Erase", format!("{path}/erase"))],
    }
}

async fn granted(app: &AppState, agent: &AgentSnapshot, path: &str) -> Result<Block, Problem> {
    let rows = grants::queries::list(app.database(), agent.id).await?.into_iter().map(|grant| {
        let withdraw = Cell::link("Withdraw", format!("{path}/call-plans/withdraw?call_plans%5B%5D={}", grant.id));
        vec![
            Cell::link(grant.name, format!("/call-plans/{}", grant.id)),
            Cell::State(grant.state.as_str().to_owned()),
            Cell::number(grant.keys),
            if agent.state == AgentState::Closed { Cell::text("") } else { withdraw },
        ]
    });
    let columns = ["Call plan", "State", "Signup URLs", "Withdraw"];
    let table = Table::new("Call plans usable", columns, rows, "No call plans yet. Add the plans this agent may sell.");
    let add = Action::new("Add call plans", format!("{path}/call-plans/add"));
    let withdraw = Action::grave("Withdraw call plans", format!("{path}/call-plans/withdraw"));
    let actions = if agent.state == AgentState::Closed { Vec::new() } else { vec![add, withdraw] };
    Ok(Block { actions, ..Block::of_table(table) })
}

async fn owned_groups(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let filter =
        groups::queries::Filter { agent_id: Some(agent.id), limit: MAX_CHOICES, ..groups::queries::Filter::default() };
    let found = groups::queries::list(app.database(), &filter).await?;
    let rows = found
        .items
        .into_iter()
        .map(|group| vec![Cell::link(group.name, format!("/groups/{}", group.id)), Cell::text(group.description)]);
    let columns = ["Group", "Description"];
    let table = Table::new("Customer groups", columns, rows, "No customer groups yet.");
    let add = Action::new("Add group", format!("/groups/new?agent_id={}", agent.id));
    Ok(Block { actions: unless_closed(agent, add), ..Block::of_table(table) })
}

/// A closed agent gets nothing new.
fn unless_closed(agent: &AgentSnapshot, action: Action) -> Vec<Action> {
    if agent.state == AgentState::Closed { Vec::new() } else { vec![action] }
}

async fn sold(app: &AppState, agent_id: Uuid) -> Result<Block, Problem> {
    let filter = sales_summary::month(&app.clock, Some(agent_id));
    let block = sales_summary::totals(app, &filter, GroupBy::Group, "Sales", "Group", Shown::Link("/groups")).await?;
    let last_month = format!("/analysis?by=group&period=last_month&compare=true&agent_id={agent_id}");
    let actions = vec![Action::new("Last month by group", last_month)];
    Ok(Block { note: Some("The last 30 days, by group.".to_owned()), actions, ..block })
}

async fn keys(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let filter = signup_keys::queries::Filter {
        agent_id: Some(agent.id),
        limit: LIST_LIMIT,
        ..signup_keys::queries::Filter::default()
    };
    let found = signup_keys::queries::list(app.database(), &filter).await?;
    let note = found.next.is_some().then(|| format!("The first {LIST_LIMIT}; the list of signup URLs has them all."));
    let reasons = Reasons::of(app, &found.items).await?;
    let rows = found.items.into_iter().map(|key| {
        vec![
            Cell::link(key.key.clone(), format!("/signup-keys/{}", key.key)),
            reasons.cell(&key.key),
            Cell::text(key.label),
        ]
    });
    let columns = ["Key", "State", "Label"];
    let table = Table::new("Signup URLs", columns, rows, "No signup URLs yet.");
    let add = Action::new("Add URL key", format!("/signup-keys/new?agent_id={}", agent.id));
    let mut actions = unless_closed(agent, add);
    actions.push(Action::new("All signup URLs", format!("/signup-keys?agent_id={}", agent.id)));
    Ok(Block { note, actions, ..Block::of_table(table) })
}
