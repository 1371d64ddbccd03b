//! Call plans: list, add, show, change, retire.

pub mod show;

use axum::extract::Path;
use contract::commission::CommissionTerms;
use contract::text::isolated;
use web::http::Problem;

use crate::call_plans::commands;
use crate::call_plans::queries::Filter;
use crate::call_plans::requests::CallPlanRequest;
use crate::call_plans::snapshot::{CallPlanSnapshot, State as PlanState};
use crate::endpoint::id;
use crate::sorting::Sort;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::confirmation::Confirmation;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::money;
use crate::ui::notice::{ADDED, Notice};
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, redirect_with_notice, to};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::sorting::{SortedBy, by_name, by_time};
use crate::ui::submit::{changed, confirmation, form_page, redisplay, submit};
use crate::ui::table::{Cell, Table};
use crate::{call_plans, signup_keys};

const RETIRED: Notice = Notice { code: "retired", text: "The call plan is retired for good." };
const SORTED: SortedBy = SortedBy { columns: &[by_name("Name"), by_time("Added")], otherwise: "-created" };
const PLACE: &str = "/call-plans";

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/call-plans.csv", list)
        .get("/call-plans/new", new)
        .post("/call-plans/new", add)
        .get("/call-plans/{id}", show::show)
        .get("/call-plans/{id}/edit", edit)
        .post("/call-plans/{id}/edit", change)
        .confirm("/call-plans/{id}/retire", retire)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (sort, after) = query.sort(Sort::NEWEST_FIRST);
    let filter = Filter {
        search: query.text("search"),
        state: query.parsed::<PlanState>("state"),
        sort,
        after,
        limit: query.limit(),
    };
    let layout = Layout::new(&signed_in, "Call plans", PLACE).noticing(&query, &[ADDED]);
    let empty =
        query.empty_text("No call plans match your search.", "No call plans yet. Add a plan that agents can sell.");
    let data = query.data();
    let states = [("offered", "Offered"), ("retired", "Retired")];
    let filters =
        vec![data.typed("search", "Name"), data.choice("state", "State", Some("Any"), states), data.order_or_name()];
    let found = call_plans::queries::list(app.database(), &filter).await?;
    let rows = found.items.into_iter().map(|plan| {
        vec![
            Cell::link(plan.name, format!("{PLACE}/{}", plan.id)),
            Cell::State(plan.state.as_str().to_owned()),
            Cell::text(plan.price_text),
            Cell::text(plan.description),
            Cell::moment(plan.times.created_at),
        ]
    });
    let columns = ["Name", "State", "Price", "Description", "Added"];
    let table = Table::new("Call plans", columns, rows, empty);
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), call_plans::queries::query(app.database(), &whole)).await?;
    let actions = vec![Action::new("Add call plan", "/call-plans/new")];
    Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

/// Terms that are more than a percentage are stated through the API only, and stay as they are.
fn sections(data: &FormData, commission: Option<&CommissionTerms>) -> Vec<Section> {
    let mut inputs = vec![
        data.typed("name", "Name").required(),
        data.lines("description", "Description"),
        data.typed("price_text", "Price").hint("As customers read it, such as 9.90 EUR a month."),
    ];
    if money::plain_percent(commission).is_some() {
        let percent = data.typed("commission_percent", "Commission in percent");
        inputs.push(percent.hint("For customers of this plan, in place of the agent's. Empty: the agent's."));
    }
    vec![Section { legend: "", inputs }]
}

fn new_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, "Add call plan", PLACE);
    form_page(&FormPage::new(layout, data, "/call-plans/new", sections(data, None)).back(PLACE))
}

async fn new(signed_in: SignedIn) -> PageResult {
    new_page(&signed_in, &FormData::default())
}

async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = form.read::<CallPlanRequest>(Empty::Absent);
    match submit(&app, &signed_in, &form, "add call plan", request.creation(errors)).await {
        Ok(_) => redirect_with_notice(PLACE, ADDED),
        Err(problem) => new_page(&signed_in, &redisplay(&form, problem)?),
    }
}

async fn find(app: &AppState, text: &str) -> Result<CallPlanSnapshot, Problem> {
    call_plans::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

fn edit_page(layout: Layout, plan: &CallPlanSnapshot, version: u64, data: &FormData) -> PageResult {
    let path = format!("{PLACE}/{}", plan.id);
    let page = FormPage::new(layout, data, format!("{path}/edit"), sections(data, plan.commission.as_ref()));
    form_page(&page.at_version(version).back(path))
}

fn edit_layout(signed_in: &SignedIn, plan: &CallPlanSnapshot) -> Layout {
    Layout::new(signed_in, format!("Edit {}", isolated(&plan.name)), PLACE)
}

async fn edit(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let plan = find(&app, &text).await?;
    if plan.state == PlanState::Retired {
        return to(&format!("{PLACE}/{}", plan.id));
    }
    let mut data = FormData::showing(&plan);
    data.set("commission_percent", money::plain_percent(plan.commission.as_ref()).unwrap_or_default());
    edit_page(edit_layout(&signed_in, &plan), &plan, plan.version, &data)
}

async fn change(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let plan = find(&app, &text).await?;
    let version = form.version()?;
    let (request, errors) = form.clone().with_null("commission_percent").read::<CallPlanRequest>(Empty::Text);
    let request = request.change(errors, plan.id);
    match submit(&app, &signed_in, &form, &format!("change call plan {}", plan.id), request).await {
        Ok(appended) => redirect_with_notice(&format!("{PLACE}/{}", plan.id), changed(&appended, version)),
        Err(problem) => edit_page(edit_layout(&signed_in, &plan), &plan, version, &redisplay(&form, problem)?),
    }
}

async fn retire(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let plan = find(&app, &text).await?;
    let keys = signup_keys::queries::live(app.database(), signup_keys::queries::live_of_call_plan(plan.id)).await?;
    let keys = counted(keys, "signup URL stops", "signup URLs stop");
    let consequences =
        vec![format!("{keys} at once."), "It never comes back; customers who have it keep it.".to_owned()];
    let path = format!("{PLACE}/{}", plan.id);
    let layout = Layout::new(&signed_in, format!("Retire {}?", isolated(&plan.name)), PLACE);
    let page = confirmation(layout, &data, format!("{path}/retire"), path, consequences);
    Ok(Confirmation {
        page: page.submit("Retire for good").at_version(plan.version),
        what: format!("retire call plan {}", plan.id),
        command: Box::new(move |reason| commands::retire(plan.id, reason).into()),
        done: RETIRED,
    })
}
