//! The money of an agent: balances, bank details, payouts and statements.

use axum::extract::Path;
use web::http::Problem;

use crate::agents::accounts::Details;
use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::agent_tabs::Part;
use crate::back_office::agents::find;
use crate::back_office::agents::parts::part;
use crate::back_office::agents::show::unless_closed;
use crate::back_office::previews;
use crate::paging::Order;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_contact::{bank, payouts_blocked};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::Context;
use crate::ui::table::Block;
use crate::ui::{money, statements as shown_statements};
use crate::{ledger, remittances, statements};

/// Rows of each list.
const NEWEST: usize = 20;

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let (agent, details) = find(&app, &text).await?;
    let blocks = vec![
        balances(&app, &agent).await?,
        paid_to(&app, &agent, &details).await?,
        payouts(&app, &agent).await?,
        issued(&app, &agent).await?,
    ];
    page(&part(&signed_in, &query, &agent, Part::Money, blocks))
}

async fn balances(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let balances = ledger::queries::balances(app.database(), agent.id, app.clock.now()).await?;
    let path = Part::Overview.path(agent.id);
    let actions = vec![
        Action::new("Ledger", format!("{path}/ledger")),
        Action::new("Try other terms", previews::path(agent.id)),
        Action::new("Correct the balance", format!("{path}/corrections/new")),
    ];
    Ok(Block { actions, ..Block::of_table(money::balances(&balances, &agent.remittance_thresholds)) })
}

async fn paid_to(app: &AppState, agent: &AgentSnapshot, details: &Details) -> Result<Block, Problem> {
    let facts: Vec<_> = bank(details).into_iter().chain(payouts_blocked(app, details).await?).collect();
    let note = facts.is_empty().then(|| "No bank details yet. The agent can enter them in the portal.".to_owned());
    let edit = Action::new("Edit", format!("{}/edit", Part::Overview.path(agent.id)));
    Ok(Block { note, actions: unless_closed(agent, [edit]), ..Block::of_facts("Bank details", facts) })
}

async fn payouts(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let filter = remittances::queries::Filter {
        agent_id: Some(agent.id),
        order: Order::Descending,
        limit: NEWEST,
        ..Default::default()
    };
    let found = remittances::queries::list(app.database(), &filter).await?;
    let none_yet = "No payouts yet. The agent requests them in the portal, with the permission Remittance.";
    let table = money::remittances(&found.items, Some("/payouts"), None, none_yet);
    let actions = vec![Action::new("All payouts", format!("/payouts?agent_id={}", agent.id))];
    Ok(Block { note: newest(found.next.is_some()), actions, ..Block::of_table(table) })
}

async fn issued(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let filter = statements::queries::Filter { agent_id: Some(agent.id), limit: NEWEST, after: None };
    let found = statements::queries::list(app.database(), &filter).await?;
    let none_yet = "No statements yet. Issue one for this agent.";
    let table = shown_statements::table(&found.items, "/statements", None, none_yet);
    let actions = vec![
        Action::new("Issue a statement", format!("/statements/new?agent_id={}", agent.id)),
        Action::new("All statements", format!("/statements?agent_id={}", agent.id)),
    ];
    Ok(Block { note: newest(found.next.is_some()), actions, ..Block::of_table(table) })
}

fn newest(are_more: bool) -> Option<String> {
    are_more.then(|| format!("The newest {NEWEST}; the list has them all."))
}
