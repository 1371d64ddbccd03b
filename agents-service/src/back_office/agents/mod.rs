//! Agents: search, add, show, change, suspend, close.

pub mod as_of;
pub mod edit;
pub mod show;
pub mod state_changes;
pub mod terms;

use web::http::Problem;

use crate::agents;
use crate::agents::accounts::Details;
use crate::agents::queries::{Filter, Sort};
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::endpoint::id;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::enum_labels::or_erased;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/agents";

pub fn routes(routes: Routes) -> Routes {
    let routes = routes
        .list(PLACE, "/agents.csv", list)
        .get("/agents/new", edit::new)
        .post("/agents/new", edit::add)
        .get("/agents/{id}", show::show)
        .get("/agents/{id}/edit", edit::edit)
        .post("/agents/{id}/edit", edit::change);
    state_changes::routes(routes)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let sort = match query.text("sort").as_deref() {
        Some("login") => Sort::Login,
        Some("created") => Sort::Created,
        Some("-created") => Sort::CreatedDown,
        _ => Sort::Name,
    };
    let filter = Filter {
        search: query.text("search"),
        state: query.parsed::<AgentState>("state"),
        sort,
        after: query.text("after").filter(|cursor| sort.knows(cursor)),
        limit: query.limit(),
    };
    let layout = Layout::new(&signed_in, "Agents", PLACE);
    let data = query.data();
    let states = [("active", "Active"), ("suspended", "Suspended"), ("closed", "Closed")];
    let orders =
        [("name", "By name"), ("login", "By login"), ("-created", "Newest first"), ("created", "Oldest first")];
    let filters = vec![
        data.typed("search", "Login, name, company, city, phone or e-mail"),
        data.choice("state", "State", Some("Any"), states),
        data.choice("sort", "Order", None, orders),
    ];
    let found = agents::queries::list(app.database(), &filter).await?;
    let rows = found.items.into_iter().map(|item| {
        let agent = item.agent;
        vec![
            Cell::link(agent.name, format!("{PLACE}/{}", agent.id)),
            Cell::text(or_erased(item.login)),
            Cell::State(agent.state.as_str().to_owned()),
            Cell::number(format!("{} %", agent.commission_percent)),
        ]
    });
    let searched = filter.search.is_some() || filter.state.is_some();
    let empty = if searched { "No agents match your search." } else { "No agents yet. Add the first one." };
    let columns = vec!["Name", "Login", "State", "Commission"];
    let table = Table::new("Agents", columns, rows, empty);
    Ok(ListPage {
        place: PLACE,
        layout,
        actions: vec![Action::new("Add agent", "/agents/new")],
        filters,
        table,
        next: found.next,
    })
}

async fn find(app: &AppState, text: &str) -> Result<(AgentSnapshot, Details), Problem> {
    let agent_id = id(text)?;
    let agent = agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let details = agents::accounts::details(app.database(), agent_id).await?.unwrap_or_default();
    Ok((agent, details))
}
