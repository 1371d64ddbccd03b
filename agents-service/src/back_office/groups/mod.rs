//! Customer groups: list, add, show, change, and move to another agent, with the keys that this stops.

pub mod show;

use axum::extract::Path;
use contract::text::isolated;
use uuid::Uuid;
use web::http::Problem;

use crate::endpoint::id;
use crate::groups::queries::Filter;
use crate::groups::requests::GroupRequest;
use crate::groups::snapshot::GroupSnapshot;
use crate::sorting::Sort;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_choice::{self, agent_of_query};
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::notice::ADDED;
use crate::ui::numbers::counted;
use crate::ui::page::{self, PageResult, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::sorting::{SortedBy, by_name, by_time};
use crate::ui::submit::{changed, form_page, redisplay, submit};
use crate::ui::table::{Cell, Table};
use crate::{groups, signup_keys};

const SORTED: SortedBy = SortedBy { columns: &[by_name("Group"), by_time("Added")], otherwise: "-created" };
const PLACE: &str = "/groups";
/// Set after the consequences of a move were shown.
const MOVES: &str = "_moves";

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/groups.csv", list)
        .get("/groups/new", new)
        .post("/groups/new", add)
        .get("/groups/{id}", show::show)
        .get("/groups/{id}/edit", edit)
        .post("/groups/{id}/edit", change)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (agent_id, unclear) = agent_of_query(&app, &query).await?;
    let search = query.text("search");
    let (sort, after) = query.sort(Sort::NEWEST_FIRST);
    let filter = Filter { agent_id, search, sort, after, limit: query.limit() };
    let layout = Layout::new(&signed_in, "Customer groups", PLACE).noticing(&query, &[ADDED]).warning(unclear);
    let none_yet = "No customer groups yet. A group shows the sales of one agent's customers together.";
    let empty = query.empty_text("No groups match your search.", none_yet);
    let data = query.data();
    let filters = vec![
        data.typed("search", "Name or description"),
        agent_choice::input(&app, &data, "Agent", "Any").await?,
        data.order_or_name(),
    ];
    let found = groups::queries::list(app.database(), &filter).await?;
    let names = Labels::get(&app, None, found.items.iter().filter_map(|group| group.agent_id)).await?;
    let rows = found.items.into_iter().map(|group| {
        let owner = group.agent_id.map(|id| names.link("/agents", id));
        vec![
            Cell::link(group.name, format!("{PLACE}/{}", group.id)),
            owner.unwrap_or_else(|| Cell::text("nobody")),
            Cell::text(group.description),
            Cell::number(group.ui_elements.len()),
            Cell::moment(group.times.created_at),
        ]
    });
    let columns = ["Group", "Agent", "Description", "UI elements", "Added"];
    let table = Table::new("Customer groups", columns, rows, empty);
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), groups::queries::query(app.database(), &whole)).await?;
    let actions = vec![Action::new("Add group", "/groups/new")];
    Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

async fn sections(app: &AppState, data: &FormData) -> Result<Vec<Section>, Problem> {
    let agent = agent_choice::input(app, data, "Agent", "Nobody yet").await?;
    let hint = agent.hint.clone().unwrap_or_default();
    let inputs = vec![
        data.typed("name", "Name").required().hint("3 or more characters."),
        data.lines("description", "Description"),
        agent.hint(format!("The agent to which this group belongs. {hint}").trim_end()),
        data.many("ui_elements[]", "Elements of the customer UI that this group sees", enum_labels::UI_ELEMENTS),
    ];
    Ok(vec![Section { legend: "", inputs }])
}

async fn new_page(app: &AppState, signed_in: &SignedIn, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, "Add group", PLACE);
    form_page(&FormPage::new(layout, data, "/groups/new", sections(app, data).await?).back(PLACE))
}

async fn new(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    new_page(&app, &signed_in, &query.data()).await
}

async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let form = match agent_choice::resolved(&app, form.clone()).await? {
        Ok(form) => form,
        Err(problem) => return new_page(&app, &signed_in, &redisplay(&form, problem)?).await,
    };
    let (request, errors) = form.read::<GroupRequest>(Empty::Absent);
    match submit(&app, &signed_in, &form, "add group", request.creation(errors)).await {
        Ok(_) => redirect_with_notice(PLACE, ADDED),
        Err(problem) => new_page(&app, &signed_in, &redisplay(&form, problem)?).await,
    }
}

async fn find(app: &AppState, text: &str) -> Result<GroupSnapshot, Problem> {
    groups::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

fn edit_layout(signed_in: &SignedIn, group: &GroupSnapshot) -> Layout {
    Layout::new(signed_in, format!("Edit {}", isolated(&group.name)), PLACE)
}

async fn edit_page(
    app: &AppState,
    layout: Layout,
    group_id: Uuid,
    version: u64,
    data: &FormData,
) -> Result<FormPage, Problem> {
    let sections = sections(app, data).await?;
    let path = format!("{PLACE}/{group_id}");
    Ok(FormPage::new(layout, data, format!("{path}/edit"), sections).at_version(version).back(path))
}

async fn edit(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let group = find(&app, &text).await?;
    let layout = edit_layout(&signed_in, &group);
    form_page(&edit_page(&app, layout, group.id, group.version, &FormData::showing(&group)).await?)
}

async fn change(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let group = find(&app, &text).await?;
    let version = form.version()?;
    let form = match agent_choice::resolved(&app, form.clone()).await? {
        Ok(form) => form,
        Err(problem) => return refused(&app, &signed_in, &group, version, &form, problem).await,
    };
    let owner = group.agent_id.map(|id| id.to_string()).unwrap_or_default();
    let moves = form.text("agent_id") != owner;
    if moves && form.text(MOVES).is_empty() {
        return ask_to_move(&app, &signed_in, &group, version, &form).await;
    }
    let form = form.with_null("agent_id").with_list("ui_elements[]");
    let (request, errors) = form.read::<GroupRequest>(Empty::Text);
    let request = request.change(errors, group.id);
    match submit(&app, &signed_in, &form, &format!("change group {}", group.id), request).await {
        Ok(appended) => redirect_with_notice(&format!("{PLACE}/{}", group.id), changed(&appended, version)),
        Err(problem) => refused(&app, &signed_in, &group, version, &form, problem).await,
    }
}

/// The form with its violations.
async fn refused(
    app: &AppState,
    signed_in: &SignedIn,
    group: &GroupSnapshot,
    version: u64,
    form: &Form,
    problem: Problem,
) -> PageResult {
    let layout = edit_layout(signed_in, group);
    form_page(&edit_page(app, layout, group.id, version, &redisplay(form, problem)?).await?)
}

/// The form again, with the keys that moving the group stops.
async fn ask_to_move(
    app: &AppState,
    signed_in: &SignedIn,
    group: &GroupSnapshot,
    version: u64,
    form: &Form,
) -> PageResult {
    let keys = signup_keys::queries::live_of_group(app.database(), group.id).await?;
    let urls =
        counted(keys, "signup URL that joins it to its agent stops", "signup URLs that join it to its agent stop");
    let consequences = vec![
        format!("{urls} at once."),
        "Customers placed before stay counted for the agent who placed them.".to_owned(),
    ];
    let layout = Layout::new(signed_in, format!("Move {} to another agent?", isolated(&group.name)), PLACE);
    let page = edit_page(app, layout, group.id, version, &form.data()).await?.hiding(MOVES, "yes").submit("Move group");
    page::page_with(axum::http::StatusCode::OK, &FormPage { consequences, grave: true, ..page })
}
