//! The operators' search: agents, customers, signup URLs, groups, call plans and payments, as far as the role may see them.

use web::http::Problem;

use crate::customers::client::Search;
use crate::endpoint::path_segment;
use crate::settings::{self, signup_url};
use crate::state::AppState;
use crate::ui::customers::{name, way};
use crate::ui::enum_labels::or_erased;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::money::cell;
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::search::{Found, MOST_OF_A_KIND, search_page, searched};
use crate::ui::signed_in::Context;
use crate::ui::signup_keys::state::Reasons;
use crate::ui::table::Cell;
use crate::{agents, call_plans, groups, payments, signup_keys};

pub const PLACE: &str = "/search";
const HINT: &str = "Name, login, e-mail, phone, customer number, signup URL or key, label, or payment reference";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, search)
}

async fn search(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let text = searched(query.text("q"));
    let mut layout = Layout::new(&signed_in, "Search", PLACE);
    let mut found = Vec::new();
    if !text.is_empty() {
        let holds = |scope| signed_in.holds(scope);
        if holds("agents:read") {
            found.push(agents(&app, &text).await?);
        }
        if holds("customers:read") && app.customers.is_some() {
            match customers(&app, &text).await {
                Ok(customers) => found.push(customers),
                Err(_) => layout = layout.warning(["Customers cannot be searched now. Please try again later."]),
            }
        }
        if holds("keys:read") {
            found.push(signup_keys(&app, &text).await?);
        }
        if holds("groups:read") {
            found.push(groups(&app, &text).await?);
        }
        if holds("plans:read") {
            found.push(call_plans(&app, &text).await?);
        }
        if holds("money:read") {
            found.push(payments(&app, &text).await?);
        }
    }
    search_page(layout, text, HINT, found)
}

async fn agents(app: &AppState, text: &str) -> Result<Found, Problem> {
    let filter = agents::queries::Filter { search: Some(text.to_owned()), limit: MOST_OF_A_KIND, ..Default::default() };
    let page = agents::queries::list(app.database(), &filter).await?;
    let rows = page.items.into_iter().map(|item| {
        let state = Cell::State(item.agent.state.as_str().to_owned());
        vec![
            Cell::link(item.agent.name, format!("/agents/{}", item.agent.id)),
            Cell::text(or_erased(item.login)),
            state,
        ]
    });
    Ok(Found::new("Agents", ["Name", "Login", "State"], rows, ("/agents", page.next.is_some()), text))
}

async fn customers(app: &AppState, text: &str) -> Result<Found, Problem> {
    let search = Search { text: Some(text.to_owned()), limit: MOST_OF_A_KIND, ..Search::default() };
    let page = way(app)?.search(&search).await?;
    let names = Labels::get(app, None, page.items.iter().map(|customer| customer.placement.agent_id)).await?;
    let rows = page.items.into_iter().map(|customer| {
        let number = customer.customer_number.clone();
        let (agent, name) = (names.link("/agents", customer.placement.agent_id), name(&customer));
        let number = Cell::link(number, format!("/customers/{}", customer.customer_id));
        vec![number, Cell::text(name), Cell::text(customer.email.unwrap_or_default()), agent]
    });
    let columns = ["Number", "Name", "E-mail", "Agent"];
    // Numbers that were shown to strangers are in the list only.
    let is_more = page.next.is_some() || !page.shown.is_empty();
    Ok(Found::new("Customers", columns, rows, ("/customers", is_more), text))
}

async fn signup_keys(app: &AppState, text: &str) -> Result<Found, Problem> {
    let filter =
        signup_keys::queries::Filter { search: Some(text.to_owned()), limit: MOST_OF_A_KIND, ..Default::default() };
    let page = signup_keys::queries::list(app.database(), &filter).await?;
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let reasons = Reasons::of(app, &page.items).await?;
    let names = Labels::get(app, None, page.items.iter().map(|key| key.agent_id)).await?;
    let rows = page.items.into_iter().map(|key| {
        let url = Cell::link(signup_url::compose(&base, &key.key), format!("/signup-keys/{}", key.key));
        vec![url, Cell::text(key.label), reasons.cell(&key.key), names.link("/agents", key.agent_id)]
    });
    let columns = ["URL", "Label", "State", "Agent"];
    Ok(Found::new("Signup URLs", columns, rows, ("/signup-keys", page.next.is_some()), text))
}

async fn groups(app: &AppState, text: &str) -> Result<Found, Problem> {
    let filter = groups::queries::Filter { search: Some(text.to_owned()), limit: MOST_OF_A_KIND, ..Default::default() };
    let page = groups::queries::list(app.database(), &filter).await?;
    let names = Labels::get(app, None, page.items.iter().filter_map(|group| group.agent_id)).await?;
    let rows = page.items.into_iter().map(|group| {
        let owner = group.agent_id.map_or_else(|| Cell::text("nobody"), |id| names.link("/agents", id));
        vec![Cell::link(group.name, format!("/groups/{}", group.id)), owner, Cell::text(group.description)]
    });
    let columns = ["Group", "Agent", "Description"];
    Ok(Found::new("Customer groups", columns, rows, ("/groups", page.next.is_some()), text))
}

async fn call_plans(app: &AppState, text: &str) -> Result<Found, Problem> {
    let filter =
        call_plans::queries::Filter { search: Some(text.to_owned()), limit: MOST_OF_A_KIND, ..Default::default() };
    let page = call_plans::queries::list(app.database(), &filter).await?;
    let rows = page.items.into_iter().map(|plan| {
        let state = Cell::State(plan.state.as_str().to_owned());
        vec![Cell::link(plan.name, format!("/call-plans/{}", plan.id)), Cell::text(plan.price_text), state]
    });
    Ok(Found::new("Call plans", ["Name", "Price", "State"], rows, ("/call-plans", page.next.is_some()), text))
}

/// A payment is found by its whole reference.
async fn payments(app: &AppState, text: &str) -> Result<Found, Problem> {
    let payment = payments::queries::get(app.database(), text).await?;
    let rows = payment.map(|payment| {
        let path = format!("/payments/{}", path_segment(&payment.reference));
        vec![Cell::link(payment.reference, path), cell(payment.amount)]
    });
    Ok(Found::new("Payments", ["Reference", "Amount"], rows, ("/payments", false), text))
}
