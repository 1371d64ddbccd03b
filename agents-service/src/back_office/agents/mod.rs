//! Agents: search, add, show, change, suspend, close.

pub mod as_of;
pub mod edit;
pub mod import;
pub mod money;
pub mod parts;
pub mod show;
pub mod state_changes;
pub mod terms;

use std::collections::HashMap;

use uuid::Uuid;
use web::http::Problem;

use crate::agents;
use crate::agents::accounts::Details;
use crate::agents::queries::Filter;
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::endpoint::id;
use crate::sales::by_day;
use crate::sales::of_agents::{earned_by, of_agents};
use crate::sorting::Sort;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::enum_labels::or_erased;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::money::in_currencies;
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::sales_summary;
use crate::ui::signed_in::SignedIn;
use crate::ui::sorting::{SortedBy, Sorting, by_name, by_time};
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/agents";
const SORTED: SortedBy = SortedBy {
    columns: &[by_name("Name"), Sorting { column: "Login", up: "login", down: "-login" }, by_time("Added")],
    otherwise: "name",
};

pub fn routes(routes: Routes) -> Routes {
    let routes = routes
        .list(PLACE, "/agents.csv", list)
        .get("/agents/new", edit::new)
        .post("/agents/new", edit::add)
        .get("/agents/import", import::pages::ask)
        .post("/agents/import", import::pages::import)
        .get("/agents/{id}", show::show)
        .get("/agents/{id}/urls", parts::urls)
        .get("/agents/{id}/customers", parts::customers)
        .get("/agents/{id}/plans", parts::plans)
        .get("/agents/{id}/money", money::show)
        .get("/agents/{id}/history", parts::history)
        .get("/agents/{id}/edit", edit::edit)
        .post("/agents/{id}/edit", edit::change);
    state_changes::routes(routes)
}

const STATES: [(&str, &str); 3] = [("active", "Active"), ("suspended", "Suspended"), ("closed", "Closed")];
const ORDERS: [(&str, &str); 6] = [
    ("name", "By name"),
    ("-name", "By name, last first"),
    ("login", "By login"),
    ("-login", "By login, last first"),
    ("-created", "Newest first"),
    ("created", "Oldest first"),
];
const COLUMNS: [&str; 11] = [
    "Name",
    "Login",
    "State",
    "Phone",
    "Call plans",
    "URLs",
    "Signups in 30 days",
    "Last 30 days",
    "Last sale",
    "Commission",
    "Added",
];

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (sort, after) = query.sort(Sort::BY_NAME);
    let filter = Filter {
        search: query.text("search"),
        state: query.parsed::<AgentState>("state"),
        call_plan_id: query.parsed("call_plan_id"),
        sort,
        after,
        limit: query.limit(),
    };
    let layout = Layout::new(&signed_in, "Agents", PLACE);
    let data = query.data();
    let mut filters = vec![
        data.typed("search", "Login, name, company, city, phone or e-mail"),
        data.choice("state", "State", Some("Any"), STATES),
        data.choice("sort", "Order", None, ORDERS),
    ];
    if let Some(plan) = filter.call_plan_id {
        let name = Labels::get(&app, None, [plan]).await?.of(plan);
        filters.push(data.choice("call_plan_id", "Call plan usable", Some("Any"), [(plan.to_string(), name)]));
    }
    let found = agents::queries::list(app.database(), &filter).await?;
    let ids: Vec<Uuid> = found.items.iter().map(|item| item.agent.id).collect();
    let month = sales_summary::month(&app.clock, None);
    let sold = of_agents(app.database(), &month, ids.iter().copied()).await?;
    let days = by_day::of_agents(app.database(), &month, &ids).await?;
    let phones = agents::accounts::phones(app.database(), &ids).await?;
    let sees_money = signed_in.holds("money:read");
    let earned =
        if sees_money { earned_by(app.database(), &month, ids.iter().copied()).await? } else { HashMap::new() };
    let rows = found.items.into_iter().map(|item| {
        let agent = item.agent;
        let of_agent = sold.get(&agent.id).copied().unwrap_or_default();
        let mut row = vec![
            Cell::link(agent.name, format!("{PLACE}/{}", agent.id)),
            Cell::text(or_erased(item.login)),
            Cell::State(agent.state.as_str().to_owned()),
            Cell::text(phones.get(&agent.id).cloned().unwrap_or_default()),
            Cell::number(of_agent.call_plans),
            Cell::number(of_agent.keys),
            Cell::number(of_agent.signups),
            Cell::Days(days.of(&agent.id)),
            of_agent.last_sale_at.map_or_else(|| Cell::text(""), Cell::ago),
            Cell::number(format!("{} %", agent.commission_percent)),
            Cell::moment(agent.times.created_at),
        ];
        row.extend(sees_money.then(|| in_currencies(earned.get(&agent.id))));
        row
    });
    let searched = filter.search.is_some() || filter.state.is_some() || filter.call_plan_id.is_some();
    let empty = if searched { "No agents match your search." } else { "No agents yet. Add the first one." };
    let columns = COLUMNS.into_iter().chain(sees_money.then_some("Earned in 30 days")).collect::<Vec<_>>();
    let table = Table::new("Agents", columns, rows, empty);
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), agents::queries::query(app.database(), &whole)).await?;
    let actions = vec![Action::new("Add agent", "/agents/new"), Action::new("Import agents", "/agents/import")];
    Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

async fn find(app: &AppState, text: &str) -> Result<(AgentSnapshot, Details), Problem> {
    let agent_id = id(text)?;
    let agent = agents::queries::get(app.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let details = agents::accounts::details(app.database(), agent_id).await?.unwrap_or_default();
    Ok((agent, details))
}
