use axum::extract::Path;
use uuid::Uuid;
use web::http::Problem;

use crate::command::Submission;
use crate::endpoint::id;
use crate::operators;
use crate::operators::commands::{DisableOperator, enable, erase};
use crate::operators::queries::Operator;
use crate::operators::requests::{Change, OperatorRequest};
use crate::operators::snapshot::State as OperatorState;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::confirmation::{Confirmation, ConfirmationFuture};
use crate::ui::enum_labels::{self, or_erased};
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Input, Section};
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::notice::{ADDED, ERASED, Notice};
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{confirmation, form_page, redisplay, submit};
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/settings";
const LIST: &str = "/operators";
/// The operation of the form.
const ADD: &str = "add operator";

const PASSWORD_SET: Notice =
    Notice { code: "password_set", text: "The password is set. All sessions of this operator have ended." };
const ROLE_SET: Notice = Notice { code: "role_set", text: "The role is changed. It counts at once." };
const DISABLED: Notice = Notice { code: "disabled", text: "The operator is disabled. All their sessions have ended." };
const ENABLED: Notice = Notice { code: "enabled", text: "The operator can sign in again." };

/// A change of an operator's state, with the texts of its page.
struct StateChange {
    /// The last part of the page's path.
    path: &'static str,
    /// The title of the page and its button.
    title: &'static str,
    consequences: &'static [&'static str],
    command: fn(Uuid, Option<String>) -> Submission,
    done: Notice,
}

static DISABLE: StateChange = StateChange {
    path: "disable",
    title: "Disable",
    consequences: &[
        "This operator cannot sign in, and all their sessions end at once.",
        "API tokens go on working: revoke those that this operator knows.",
    ],
    command: |operator_id, reason| DisableOperator { operator_id, reason }.into(),
    done: DISABLED,
};
static ENABLE: StateChange = StateChange {
    path: "enable",
    title: "Enable",
    consequences: &["This operator can sign in again."],
    command: |operator_id, reason| enable(operator_id, reason).into(),
    done: ENABLED,
};
static ERASE: StateChange = StateChange {
    path: "erase",
    title: "Erase",
    consequences: &[
        "The login is erased for good. Who did what in the history is shown without it.",
        "This operator can never be enabled again.",
    ],
    command: |operator_id, reason| erase(operator_id, reason).into(),
    done: ERASED,
};

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(LIST, "/operators.csv", list)
        .get("/operators/new", new)
        .post("/operators/new", add)
        .get("/operators/{id}/password", ask_password)
        .post("/operators/{id}/password", set_password)
        .get("/operators/{id}/role", ask_role)
        .post("/operators/{id}/role", set_role)
        .confirm("/operators/{id}/disable", confirm(&DISABLE))
        .confirm("/operators/{id}/enable", confirm(&ENABLE))
        .confirm("/operators/{id}/erase", confirm(&ERASE))
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let found = operators::queries::list(app.database(), query.parsed("after"), query.limit()).await?;
    let rows = found.items.into_iter().map(|operator| {
        let path = format!("{LIST}/{}", operator.id);
        let link = |label: &str, to: &str| Cell::link(label, format!("{path}/{to}"));
        let password = link("Set password", "password");
        let role = enum_labels::role(operator.role);
        let role = if operator.state == OperatorState::Erased { Cell::text(role) } else { link(role, "role") };
        let [password, turn, erase] = match operator.state {
            OperatorState::Active => [password, link("Disable", "disable"), Cell::text("")],
            OperatorState::Disabled => [password, link("Enable", "enable"), link("Erase", "erase")],
            OperatorState::Erased => [(); 3].map(|()| Cell::text("")),
        };
        vec![
            Cell::text(or_erased(operator.login)),
            Cell::State(operator.state.as_str().to_owned()),
            role,
            operator.last_sign_in_at.map_or_else(|| Cell::text("never"), Cell::moment),
            Cell::moment(operator.created_at),
            password,
            turn,
            erase,
        ]
    });
    let columns = ["Login", "State", "Role", "Last sign-in", "Since", "Password", "Change", "Personal data"];
    let table = Table::new("Operators", columns, rows, "No operators yet. Add one.");
    let layout = Layout::new(&signed_in, "Operators", PLACE)
        .noticing(&query, &[ADDED, PASSWORD_SET, ROLE_SET, DISABLED, ENABLED, ERASED]);
    let actions = vec![Action::new("Add operator", "/operators/new")];
    Ok(ListPage { actions, ..ListPage::new(LIST, layout, table, found.next) })
}

fn new_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let login = data.typed("login", "Login").required().hint("4 or more characters, without spaces and colons.");
    let inputs = vec![login, password_input(data), role_input(data)];
    let layout = Layout::new(signed_in, "Add operator", PLACE);
    let sections = vec![Section { legend: "", inputs }];
    form_page(&FormPage::new(layout, data, "/operators/new", sections).back(LIST))
}

fn password_input(data: &FormData) -> Input {
    let password = data.line("password", "password", "Password").required().autocomplete("new-password");
    password.hint("12 or more characters. Ask for it to be changed at the first sign-in.")
}

fn role_input(data: &FormData) -> Input {
    let role = data.choice("role", "Role", None, enum_labels::ROLES).required();
    role.hint("Support has no money. Finance changes no agents. Read only changes nothing.")
}

async fn new(signed_in: SignedIn) -> PageResult {
    new_page(&signed_in, &FormData::default())
}

async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = form.read::<OperatorRequest>(Empty::Absent);
    let request = request.creation(&app, &form.command(&signed_in, ADD)?, errors).await;
    match submit(&app, &signed_in, &form, ADD, request).await {
        Ok(_) => redirect_with_notice(LIST, ADDED),
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

async fn ask_password(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    password_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

async fn set_password(
    Context(app, signed_in): Context,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let operator = find(&app, &text).await?;
    let (request, errors) = form.read::<Change>(Empty::Absent);
    let what = format!("set password of {}", operator.id);
    let request = request.request(&app, &form.command(&signed_in, &what)?, errors, operator.id).await;
    match submit(&app, &signed_in, &form, &what, request).await {
        Ok(_) => redirect_with_notice(LIST, PASSWORD_SET),
        Err(problem) => password_page(&signed_in, &operator, &redisplay(&form, problem)?),
    }
}

fn role_page(signed_in: &SignedIn, operator: &Operator, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, format!("Change the role of {}", operator.login), PLACE);
    let sections = vec![Section { legend: "", inputs: vec![role_input(data)] }];
    let action = format!("{LIST}/{}/role", operator.id);
    let page = FormPage::new(layout, data, action, sections).back(LIST).submit("Change role");
    form_page(&FormPage { consequences: vec!["API tokens that they know go on working.".to_owned()], ..page })
}

async fn ask_role(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let operator = find(&app, &text).await?;
    role_page(&signed_in, &operator, &FormData::showing(&operator))
}

async fn set_role(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let operator = find(&app, &text).await?;
    let (request, errors) = form.read::<Change>(Empty::Absent);
    let what = format!("set role of {}", operator.id);
    let request = request.request(&app, &form.command(&signed_in, &what)?, errors, operator.id).await;
    match submit(&app, &signed_in, &form, &what, request).await {
        Ok(_) => redirect_with_notice(LIST, ROLE_SET),
        Err(problem) => role_page(&signed_in, &operator, &redisplay(&form, problem)?),
    }
}

/// The confirmation of a change.
fn confirm(
    change: &'static StateChange,
) -> impl Fn(AppState, SignedIn, String, FormData) -> ConfirmationFuture + Clone {
    move |app, signed_in, text, data| {
        Box::pin(async move {
            let operator = find(&app, &text).await?;
            let layout = Layout::new(&signed_in, format!("{} {}?", change.title, operator.login), PLACE);
            let action = format!("{LIST}/{}/{}", operator.id, change.path);
            let consequences = change.consequences.iter().map(|text| (*text).to_owned()).collect();
            Ok(Confirmation {
                page: confirmation(layout, &data, action, LIST.to_owned(), consequences).submit(change.title),
                what: format!("{} operator {}", change.title, operator.id),
                command: Box::new(move |reason| (change.command)(operator.id, reason)),
                done: change.done,
            })
        })
    }
}
