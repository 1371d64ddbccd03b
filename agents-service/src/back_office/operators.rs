//! Operators: list, add, set a password, disable, enable and erase.

use axum::extract::{Path, State};
use uuid::Uuid;
use web::http::Problem;

use crate::command::Command;
use crate::endpoint::id;
use crate::operators;
use crate::operators::commands::{DisableOperator, EnableOperator, EraseOperator};
use crate::operators::queries::Operator;
use crate::operators::requests::{Change, OperatorRequest};
use crate::operators::snapshot::State as OperatorState;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::enum_labels::or_erased;
use crate::ui::form::{CsrfForm, Empty, Form, FormData, PageQuery};
use crate::ui::inputs::{FormPage, Input, Section};
use crate::ui::layout::Layout;
use crate::ui::layout::layout;
use crate::ui::page::{LIST_LIMIT, PageResult, page, redirect_with_notice};
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::submit::submit;
use crate::ui::submit::{confirmation, form_page, reason, redisplay};
use crate::ui::table::{Cell, ListPage, Table, page_link};

const PLACE: &str = "/settings";
const LIST: &str = "/operators";
/// What the form to add one asks for.
const ADD: &str = "add operator";

pub fn routes(routes: Routes) -> Routes {
    routes
        .get(LIST, list)
        .get("/operators/new", new)
        .post("/operators/new", add)
        .get("/operators/{id}/password", ask_password)
        .post("/operators/{id}/password", set_password)
        .get("/operators/{id}/disable", ask_disable)
        .post("/operators/{id}/disable", disable)
        .get("/operators/{id}/enable", ask_enable)
        .post("/operators/{id}/enable", enable)
        .get("/operators/{id}/erase", ask_erase)
        .post("/operators/{id}/erase", erase)
}

async fn list(State(app): State<AppState>, signed_in: SignedIn, query: PageQuery) -> PageResult {
    let found = operators::queries::list(app.database(), query.parsed("after"), LIST_LIMIT).await?;
    let rows = found.items.into_iter().map(|operator| {
        let path = format!("{LIST}/{}", operator.id);
        let link = |label: &str, to: &str| Cell::link(label, format!("{path}/{to}"));
        let password = link("Set password", "password");
        let [password, turn, erase] = match operator.state {
            OperatorState::Active => [password, link("Disable", "disable"), Cell::text("")],
            OperatorState::Disabled => [password, link("Enable", "enable"), link("Erase", "erase")],
            OperatorState::Erased => [(); 3].map(|()| Cell::text("")),
        };
        vec![
            Cell::text(or_erased(operator.login)),
            Cell::State(operator.state.as_str().to_owned()),
            operator.last_sign_in_at.map_or_else(|| Cell::text("never"), Cell::moment),
            Cell::moment(operator.created_at),
            password,
            turn,
            erase,
        ]
    });
    let table = Table {
        caption: "Operators",
        columns: vec!["Login", "State", "Last sign-in (UTC)", "Since (UTC)", "Password", "Change", "Personal data"],
        rows: rows.collect(),
        empty: "No operators yet. Add one.".to_owned(),
    };
    let layout = layout(&signed_in, "Operators", PLACE, &query);
    let next = found.next.map(|after| page_link(LIST, &[], &after));
    let actions = vec![Action::new("Add operator", "/operators/new")];
    page(&ListPage { layout, actions, filters: Vec::new(), table, next })
}

fn new_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let login = data.typed("login", "Login").required().hint("4 or more characters, without spaces and colons.");
    let inputs = vec![login, password_input(data)];
    let layout = Layout::new(signed_in, "Add operator", PLACE);
    let sections = vec![Section { legend: "", inputs }];
    form_page(&FormPage::new(layout, data, "/operators/new", sections).back(LIST))
}

fn password_input(data: &FormData) -> Input {
    let password = data.line("password", "password", "Password").required().autocomplete("new-password");
    password.hint("12 or more characters. Ask for it to be changed at the first sign-in.")
}

async fn new(signed_in: SignedIn) -> PageResult {
    new_page(&signed_in, &FormData::default())
}

async fn add(State(app): State<AppState>, signed_in: SignedIn, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = form.read::<OperatorRequest>(Empty::Absent);
    let request = request.creation(&app, &form.command(&signed_in, ADD)?, errors).await;
    match submit(&app, &signed_in, &form, ADD, request).await {
        Ok(_) => redirect_with_notice(LIST, "added"),
        Err(problem) => new_page(&signed_in, &redisplay(&form, problem)?),
    }
}

async fn find(app: &AppState, text: &str) -> Result<Operator, Problem> {
    operators::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

fn password_page(signed_in: &SignedIn, operator: &Operator, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, format!("Set the password of {}", operator.login), PLACE);
    let sections = vec![Section { legend: "", inputs: vec![password_input(data)] }];
    let action = format!("{LIST}/{}/password", operator.id);
    let page = FormPage::new(layout, data, action, sections).back(LIST).submit("Set password");
    form_page(&FormPage { consequences: vec!["All sessions of this operator end.".to_owned()], ..page })
}

async fn ask_password(State(app): State<AppState>, signed_in: SignedIn, Path(text): Path<String>) -> PageResult {
    password_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

async fn set_password(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let operator = find(&app, &text).await?;
    let (request, errors) = form.read::<Change>(Empty::Absent);
    let what = format!("set password of {}", operator.id);
    let request = request.request(&app, &form.command(&signed_in, &what)?, errors, operator.id).await;
    match submit(&app, &signed_in, &form, &what, request).await {
        Ok(_) => redirect_with_notice(LIST, "password_set"),
        Err(problem) => password_page(&signed_in, &operator, &redisplay(&form, problem)?),
    }
}

fn turn_page(signed_in: &SignedIn, operator: &Operator, title: &'static str, data: &FormData) -> PageResult {
    let consequences = match title {
        "Disable" => vec![
            "This operator cannot sign in, and all their sessions end at once.".to_owned(),
            "API tokens go on working: revoke those that this operator knows.".to_owned(),
        ],
        "Erase" => vec![
            "The login is erased for good. Who did what in the history is shown without it.".to_owned(),
            "This operator can never be enabled again.".to_owned(),
        ],
        _ => vec!["This operator can sign in again.".to_owned()],
    };
    let layout = Layout::new(signed_in, format!("{title} {}?", operator.login), PLACE);
    let action = format!("{LIST}/{}/{}", operator.id, title.to_lowercase());
    form_page(&confirmation(layout, data, action, LIST.to_owned(), consequences).submit(title))
}

async fn ask_disable(State(app): State<AppState>, signed_in: SignedIn, Path(text): Path<String>) -> PageResult {
    turn_page(&signed_in, &find(&app, &text).await?, "Disable", &FormData::default())
}

async fn ask_enable(State(app): State<AppState>, signed_in: SignedIn, Path(text): Path<String>) -> PageResult {
    turn_page(&signed_in, &find(&app, &text).await?, "Enable", &FormData::default())
}

async fn ask_erase(State(app): State<AppState>, signed_in: SignedIn, Path(text): Path<String>) -> PageResult {
    turn_page(&signed_in, &find(&app, &text).await?, "Erase", &FormData::default())
}

async fn erase(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let turn = |operator_id, reason| EraseOperator { operator_id, reason };
    turn_to(&app, &signed_in, &find(&app, &text).await?, &form, ("Erase", "erased", turn)).await
}

async fn disable(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let turn = |operator_id, reason| DisableOperator { operator_id, reason };
    turn_to(&app, &signed_in, &find(&app, &text).await?, &form, ("Disable", "disabled", turn)).await
}

async fn enable(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let turn = |operator_id, reason| EnableOperator { operator_id, reason };
    turn_to(&app, &signed_in, &find(&app, &text).await?, &form, ("Enable", "enabled", turn)).await
}

async fn turn_to<C: Command>(
    app: &AppState,
    signed_in: &SignedIn,
    operator: &Operator,
    form: &Form,
    (title, word, turn): (&'static str, &str, fn(Uuid, Option<String>) -> C),
) -> PageResult {
    let request = reason(form).map(|reason| turn(operator.id, reason));
    match submit(app, signed_in, form, &format!("{title} operator {}", operator.id), request).await {
        Ok(_) => redirect_with_notice(LIST, word),
        Err(problem) => turn_page(signed_in, operator, title, &redisplay(form, problem)?),
    }
}
