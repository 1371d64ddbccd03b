//! The overview of an agent: figures, what waits, terms, contact, and what the agent sells. The other parts are in [`parts`] and
//! [`money`].
//!
//! [`parts`]: crate::back_office::agents::parts
//! [`money`]: crate::back_office::agents::money

use axum::extract::Path;
use contract::clock::Day;
use contract::events::agents::MessageFrom;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::accounts::Details;
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::analysis::question::Filter;
use crate::back_office::agent_tabs::{Part, tabs};
use crate::back_office::agents::as_of::agent_on;
use crate::back_office::agents::edit::ADDED_WITHOUT_PLANS;
use crate::back_office::agents::find;
use crate::back_office::agents::state_changes::{CLOSED, REINSTATED, SUSPENDED};
use crate::back_office::agents::terms::terms;
use crate::back_office::grants::{GRANTED, WITHDRAWN};
use crate::endpoint::id;
use crate::remittances::queries::Filter as RemittanceFilter;
use crate::remittances::snapshot::State as RemittanceState;
use crate::sales::of_agents::of_agents;
use crate::signup_keys::queries::Filter as KeyFilter;
use crate::signup_keys::snapshot::State as KeyState;
use crate::state::AppState;
use crate::support::messages::newest;
use crate::ui::action::Action;
use crate::ui::agent_contact::{contact, payouts_blocked};
use crate::ui::analysis::View;
use crate::ui::analysis::overview::{self, BY_CALL_PLAN, BY_GROUP, Overview};
use crate::ui::enum_labels::or_erased;
use crate::ui::layout::Layout;
use crate::ui::notice::{ADDED, CHANGED, ERASED, Notice, UNCHANGED};
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::sales_summary;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::table::{Block, Cell};
use crate::ui::tabs::TabbedPage;
use crate::{grants, groups, signup_keys};

/// The notices of the page.
const NOTICES: [Notice; 10] =
    [ADDED, ADDED_WITHOUT_PLANS, CHANGED, UNCHANGED, SUSPENDED, REINSTATED, CLOSED, ERASED, GRANTED, WITHDRAWN];
/// Most call plans or groups that the overview names.
const MAX_NAMED: usize = 8;
/// What seeing money needs.
const MONEY: &str = "money:read";

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let day = query.text("on");
    if let Some(day) = day.as_deref().filter(|day| day.parse::<Day>().is_ok()) {
        return agent_on(&app, &signed_in, id(&text)?, day).await;
    }
    let unreadable = day.map(|_| "Enter a day such as 2026-01-31.");
    let (agent, details) = find(&app, &text).await?;
    let layout = Layout::new(&signed_in, Part::Overview.title(&agent), "/agents")
        .noticing(&query, &NOTICES)
        .warning(app.doubt_about_sales().await?)
        .warning(unreadable);
    let mut facts = vec![("Login", Cell::text(or_erased(details.login.clone())))];
    facts.extend(terms(&agent));
    facts.extend(contact(&details));
    let view = View::of_operator(&signed_in);
    let of_agent = Filter { agent_id: Some(agent.id), ..Filter::default() };
    let (overview, standing, waits) = tokio::try_join!(
        overview::overview(&app, &view, &query, of_agent, &[BY_GROUP, BY_CALL_PLAN]),
        standing(&app, &agent),
        waits(&app, &signed_in, &agent, &details)
    )?;
    let Overview { facts: mut figures, of_period, mut tables, refusals } = overview;
    figures.extend(standing);
    let last_month = format!("/analysis?by=group&period=last_month&compare=true&agent_id={}", agent.id);
    if let Some(by_group) = tables.first_mut() {
        by_group.actions.push(Action::new("Last month by group", last_month));
    }
    let (urls, offer) = tokio::try_join!(urls(&app, &agent), offer(&app, &agent))?;
    let details = Block::of_facts("Details", facts);
    let blocks = waits.into_iter().chain([urls, offer]).chain(tables).chain([refusals, details]).collect();
    let (state, actions) = (Some(agent.state.as_str()), actions(&agent));
    let tabs = tabs(agent.id, Part::Overview);
    let of_period = Some(of_period);
    page(&TabbedPage { layout, tabs, state, actions, of_period, figures, facts: Vec::new(), has_days: false, blocks })
}

fn actions(agent: &AgentSnapshot) -> Vec<Action> {
    let path = Part::Overview.path(agent.id);
    let copy = Action::new("Copy from this agent", format!("/agents/new?copy={}", agent.id));
    let ledger = Action::new("Ledger", format!("{path}/ledger"));
    let statements = Action::new("Statements", format!("/statements?agent_id={}", agent.id));
    let close = Action::grave("Close", format!("{path}/close"));
    let mut actions = unless_closed(agent, [Action::new("Edit", format!("{path}/edit"))]);
    actions.extend([copy, ledger, statements]);
    actions.extend(match agent.state {
        AgentState::Active => vec![Action::grave("Suspend", format!("{path}/suspend")), close],
        AgentState::Suspended => vec![Action::new("Reinstate", format!("{path}/reinstate")), close],
        AgentState::Closed if agent.erased => Vec::new(),
        AgentState::Closed => vec![Action::grave("Erase", format!("{path}/erase"))],
    });
    actions
}

/// A closed agent gets nothing new.
pub fn unless_closed(agent: &AgentSnapshot, actions: impl IntoIterator<Item = Action>) -> Vec<Action> {
    actions.into_iter().filter(|_| agent.state != AgentState::Closed).collect()
}

/// The figures that have no period.
async fn standing(app: &AppState, agent: &AgentSnapshot) -> Result<[(&'static str, Cell); 2], Problem> {
    let active = KeyFilter {
        agent_id: Some(agent.id),
        state: Some(KeyState::Active),
        limit: MAX_COUNTED,
        ..KeyFilter::default()
    };
    let active = signup_keys::queries::query(app.database(), &active).await?.count(app.database()).await?;
    let month = sales_summary::month(&app.clock, Some(agent.id));
    let sold = of_agents(app.database(), &month, std::iter::once(agent.id)).await?;
    let last_sale_at = sold.get(&agent.id).and_then(|sold| sold.last_sale_at);
    Ok([("Active URLs", Cell::number(active)), ("Last sale", last_sale_at.map_or_else(|| Cell::text("–"), Cell::ago))])
}

/// What waits for an operator.
async fn waits(
    app: &AppState,
    signed_in: &SignedIn,
    agent: &AgentSnapshot,
    details: &Details,
) -> Result<Option<Block>, Problem> {
    let mut facts = Vec::new();
    let last = newest(app.database(), agent.id, None, 1).await?.items.pop();
    if last.is_some_and(|last| last.from == MessageFrom::Agent) && agent.state != AgentState::Closed {
        facts.push(("Messages", Cell::link("The last message has no answer", Part::Messages.path(agent.id))));
    }
    if signed_in.holds(MONEY) {
        for (state, one, many) in [
            (RemittanceState::Requested, "request to decide", "requests to decide"),
            (RemittanceState::Approved, "payout to pay", "payouts to pay"),
        ] {
            let filter = RemittanceFilter {
                agent_id: Some(agent.id),
                state: Some(state),
                limit: MAX_COUNTED,
                ..RemittanceFilter::default()
            };
            let waiting = filter.query().count(app.database()).await?;
            if waiting > 0 {
                facts.push(("Payouts", Cell::link(counted(waiting, one, many), of_state(agent.id, state))));
            }
        }
    }
    facts.extend(payouts_blocked(app, details).await?);
    Ok((!facts.is_empty()).then(|| Block::of_facts("What waits", facts)))
}

fn of_state(agent_id: Uuid, state: RemittanceState) -> String {
    format!("/payouts?agent_id={agent_id}&state={}", state.as_str())
}

async fn urls(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let live = signup_keys::queries::live(app.database(), signup_keys::queries::live_of_agent(agent.id)).await?;
    let note = match live {
        0 if agent.state == AgentState::Closed => "No signup URLs.".to_owned(),
        0 => "No signup URLs yet. Add a URL key.".to_owned(),
        live => format!("{}, in use or paused.", counted(live, "signup URL", "signup URLs")),
    };
    let add = Action::new("Add URL key", format!("/signup-keys/new?agent_id={}", agent.id));
    let mut actions = unless_closed(agent, [add]);
    actions.push(Action::new("All signup URLs", format!("/signup-keys?agent_id={}", agent.id)));
    Ok(Block { note: Some(note), actions, ..Block::of_facts("Signup URLs", Vec::new()) })
}

/// What the agent may sell, and to which groups.
async fn offer(app: &AppState, agent: &AgentSnapshot) -> Result<Block, Problem> {
    let plans = grants::queries::list(app.database(), agent.id).await?;
    let filter =
        groups::queries::Filter { agent_id: Some(agent.id), limit: MAX_NAMED, ..groups::queries::Filter::default() };
    let groups = groups::queries::list(app.database(), &filter).await?;
    let is_closed = agent.state == AgentState::Closed;
    let none = |names: String, none: &str| match names.as_str() {
        "" if is_closed => "None".to_owned(),
        "" => none.to_owned(),
        _ => names,
    };
    let more_groups = usize::from(groups.next.is_some());
    let plans = named(plans.iter().map(|plan| plan.name.as_str()), plans.len().saturating_sub(MAX_NAMED));
    let groups = named(groups.items.iter().map(|group| group.name.as_str()), more_groups);
    let facts = vec![
        ("Call plans usable", Cell::text(none(plans, "No call plans yet. Add the plans this agent may sell."))),
        ("Customer groups", Cell::text(none(groups, "No customer groups yet. Add one for this agent."))),
    ];
    let path = Part::Overview.path(agent.id);
    let actions = [
        Action::new("Add call plans", format!("{path}/call-plans/add")),
        Action::grave("Withdraw call plans", format!("{path}/call-plans/withdraw")),
        Action::new("Add group", format!("/groups/new?agent_id={}", agent.id)),
    ];
    Ok(Block { actions: unless_closed(agent, actions), ..Block::of_facts("Call plans and groups", facts) })
}

/// The first names, and whether there are more.
fn named<'a>(names: impl Iterator<Item = &'a str>, more: usize) -> String {
    let names: Vec<&str> = names.take(MAX_NAMED).collect();
    format!("{}{}", names.join(", "), if more > 0 { " and more" } else { "" })
}
