//! The agent's own signup URLs: list, add, copy, QR code, code to embed, pause, resume, revoke.

use axum::extract::Path;
use web::http::{FieldErrors, Problem};

use crate::call_plans;
use crate::commission::requests::TERMS_SCOPE;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::inputs::FormPage;
use crate::ui::labels::{self, Labels};
use crate::ui::layout::{Layout, noticed};
use crate::ui::list::ListResult;
use crate::ui::notice::ADDED;
use crate::ui::page::{PageResult, page, redirect_with_notice, to};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::form::{another, request_of, sections};
use crate::ui::signup_keys::list::KeyList;
use crate::ui::signup_keys::show::{key_page, qr_png, qr_svg};
use crate::ui::signup_keys::state_changes::{PAUSE, RESUME, REVOKE, confirm};
use crate::ui::signup_keys::{base, edit, find, several, sheet};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::ui::table::{Cell, nothing_to_choose};

const PLACE: &str = "/portal/signup-keys";

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/portal/signup-keys.csv", list)
        .get("/portal/signup-keys/new", new)
        .post("/portal/signup-keys/new", add)
        .get("/portal/signup-keys/{key}", show)
        .get("/portal/signup-keys/{key}/qr.svg", qr_svg)
        .get("/portal/signup-keys/{key}/qr.png", qr_png)
        .get("/portal/signup-keys/sheet", sheet::sheet)
        .get("/portal/signup-keys/several", several::ask)
        .post("/portal/signup-keys/several", several::act)
        .get("/portal/signup-keys/{key}/edit", edit::edit)
        .post("/portal/signup-keys/{key}/edit", edit::change)
        .confirm("/portal/signup-keys/{key}/pause", confirm(&PAUSE))
        .confirm("/portal/signup-keys/{key}/resume", confirm(&RESUME))
        .confirm("/portal/signup-keys/{key}/revoke", confirm(&REVOKE))
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let none_yet = "No signup URLs yet. Add a URL key and put its URL on your web page.";
    let actions = vec![Action::new("Print QR codes", "/portal/signup-keys/sheet")];
    let list = KeyList { agent_id: Some(signed_in.id), warning: None, none_yet, actions };
    list.page(&app, &signed_in, query).await
}

async fn new_page(app: &AppState, signed_in: &SignedIn, data: &FormData, done: Option<&'static str>) -> PageResult {
    let plans = labels::granted(app, signed_in.id).await?;
    let groups = labels::groups(app, signed_in.id).await?;
    let (base, warnings) = base(app, signed_in).await?;
    let layout = Layout::new(signed_in, "Add URL key", PLACE).warning(warnings);
    let layout = Layout { done, ..layout };
    if plans.is_empty() || groups.is_empty() {
        let note = "You need a call plan and a customer group first. Ask the operator for them.";
        return page(&nothing_to_choose(layout, note, Vec::new()));
    }
    let form =
        FormPage::new(layout, data, "/portal/signup-keys/new", sections(data, plans, groups, &signed_in.reader, &base));
    form_page(&form.submit("Add URL key").again().back(PLACE))
}

async fn new(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let done = noticed(&query, &[ADDED]);
    new_page(&app, &signed_in, &query.data(), done).await
}

async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (mut request, errors) = request_of(&form);
    if request.states_terms() {
        return Err(Problem::forbidden(TERMS_SCOPE).into());
    }
    // Always for the signed-in agent, whatever the form holds.
    request.agent_id = Some(signed_in.id);
    match submit(&app, &signed_in, &form, "add own signup key", request.addition(errors, &signed_in.reader.zone)).await
    {
        Ok(_) if form.wants_another() => to(&another(PLACE, &form)),
        Ok(appended) => redirect_with_notice(&format!("{PLACE}/{}", appended.answer.id()), ADDED),
        Err(problem) => new_page(&app, &signed_in, &redisplay(&form, as_unknown(problem))?, None).await,
    }
}

/// Another agent's group or plan gives the same problem as an unknown one; otherwise the responses would reveal ids.
fn as_unknown(problem: Problem) -> Problem {
    let (code, fields) = (problem.code().unwrap_or_default(), problem.errors());
    let is_about = |folder: &str, field: &str| {
        code.starts_with(folder) || fields.len() == 1 && fields.iter().any(|(found, _)| found == field)
    };
    let mut errors = FieldErrors::new();
    if is_about("plan_", "call_plan_id") {
        errors.add("call_plan_id", "not_yours", "must be one of your call plans");
    } else if is_about("group_", "group_id") {
        errors.add("group_id", "not_yours", "must be one of your customer groups");
    } else {
        return problem;
    }
    Problem::validation(errors)
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let key = find(&app, &signed_in, &text).await?;
    let names = Labels::get(&app, Some(signed_in.id), [key.call_plan_id, key.group_id]).await?;
    let plan = call_plans::queries::get(app.database(), key.call_plan_id).await?;
    let mut facts = vec![("Call plan", Cell::text(names.of(key.call_plan_id)))];
    if let Some(plan) = plan {
        let offered = [("Price", plan.price_text), ("Description", plan.description)];
        let shown = offered.into_iter().filter(|(_, text)| !text.is_empty());
        facts.extend(shown.map(|(label, text)| (label, Cell::text(text))));
    }
    facts.push(("Customer group", Cell::text(names.of(key.group_id))));
    Box::pin(key_page(&app, &signed_in, &query, key, facts, None)).await
}
