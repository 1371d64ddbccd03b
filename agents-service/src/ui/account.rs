//! The signed-in account: changing its password, and how it has times and numbers.

use axum::http::{HeaderMap, header};
use web::http::client::Client;
use web::http::{FieldErrors, Problem};

use crate::agents::accounts::DetailsChange;
use crate::agents::commands::ChangeAgent;
use crate::agents::terms_change::TermsChange;
use crate::auth::credentials::Credentials;
use crate::auth::passwords::{PasswordHash, Secret};
use crate::auth::sessions::{self, Account};
use crate::command::Submission;
use crate::fields::Fields;
use crate::operators::commands::ChangeOperator;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::audience::Audience;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::guard::set_cookie;
use crate::ui::inputs::{FormPage, Input, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::reading;
use crate::ui::routes::Routes;
use crate::ui::saved_lists;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::{agents, operators};

const PASSWORD_CHANGED: Notice =
    Notice { code: "password", text: "The password is changed. All other sessions have ended." };
const TITLE: &str = "My account";
/// The field of the current password.
const CURRENT: &str = "current_password";
/// The operation of the form.
const CHANGE: &str = "change own password";

pub fn routes(routes: Routes, audience: Audience) -> Routes {
    let reading = audience.reading_path();
    let routes = routes.get(reading, reading::show).post(reading, reading::change);
    let lists = audience.lists_path();
    let routes = routes.get(lists, saved_lists::show).post(lists, saved_lists::change);
    routes.get(audience.account_path(), show).post(audience.account_path(), change)
}

/// The inputs to change a password.
fn password_section(data: &FormData) -> Section {
    let new = data.line("password", "password", "New password").autocomplete("new-password");
    let inputs = vec![current_password(data), new.required().hint("12 or more characters.")];
    Section { legend: "Change password", inputs }
}

/// The new password of the form.
fn new_password(form: &Form) -> Result<Secret, Problem> {
    let mut fields = Fields::new(FieldErrors::new());
    let typed = form.all("password").next().filter(|text| !text.is_empty());
    let password = fields.required("password", typed.map(|text| Secret::new(text.to_owned())));
    let password = fields.password(password);
    fields.finish()?;
    password.ok_or_else(Problem::internal)
}

fn page(signed_in: &SignedIn, layout: Layout, data: &FormData) -> PageResult {
    let audience = signed_in.audience();
    let actions = vec![
        Action::new("Times, numbers, colours", audience.reading_path()),
        Action::new("Saved lists", audience.lists_path()),
    ];
    let page = FormPage::new(layout, data, audience.account_path(), vec![password_section(data)]);
    form_page(&FormPage { actions, ..page.of_login(&signed_in.login) })
}

async fn show(signed_in: SignedIn, query: PageQuery) -> PageResult {
    page(&signed_in, Layout::new(&signed_in, TITLE, "").noticing(&query, &[PASSWORD_CHANGED]), &FormData::default())
}

async fn change(
    Context(app, signed_in): Context,
    client: Client,
    headers: HeaderMap,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    match changed(&app, &signed_in, client, &form).await {
        Ok(session_epoch) => renewed(&app, &signed_in, session_epoch, &headers).await,
        Err(problem) => page(&signed_in, Layout::new(&signed_in, TITLE, ""), &redisplay(&form, problem)?),
    }
}

/// Changes the password; returns the epoch of the sessions that may begin after it: one more than before, unless the
/// account was changed meanwhile.
async fn changed(app: &AppState, signed_in: &SignedIn, client: Client, form: &Form) -> Result<u64, Problem> {
    let password = new_password(form)?;
    let known = prove(app, signed_in, client, form).await?;
    let hash = app.hash(&form.command(signed_in, CHANGE)?, password).await?;
    submit(app, signed_in, form, CHANGE, Ok(request(signed_in.account, hash))).await?;
    Ok(known.session_epoch + 1)
}

/// The input of the current password.
pub fn current_password(data: &FormData) -> Input {
    data.line("password", CURRENT, "Current password").autocomplete("current-password").required()
}

/// Checks that the form has the current password of who is signed in.
pub async fn prove(app: &AppState, signed_in: &SignedIn, client: Client, form: &Form) -> Result<Credentials, Problem> {
    let current = Secret::new(form.all(CURRENT).next().unwrap_or_default().to_owned());
    let known = match signed_in.account {
        Account::Operator(_) => operators::sign_in::credentials(app, client, &signed_in.login, current).await?,
        Account::Agent(_) => agents::sign_in::credentials(app, client, &signed_in.login, current).await?,
    };
    known.filter(|known| known.id == signed_in.id).ok_or_else(|| {
        let mut errors = FieldErrors::new();
        errors.add(CURRENT, "wrong", "is not the one you signed in with");
        Problem::validation(errors)
    })
}

fn request(account: Account, password: PasswordHash) -> Submission {
    match account {
        Account::Operator(operator_id) => ChangeOperator::password(operator_id, password).into(),
        Account::Agent(agent_id) => {
            let (terms, details) = (TermsChange::default(), DetailsChange::default());
            ChangeAgent { agent_id, terms, details, password: Some(password) }.into()
        }
    }
}

/// Begins a new session, after the change of the password ended every session.
async fn renewed(app: &AppState, signed_in: &SignedIn, session_epoch: u64, headers: &HeaderMap) -> PageResult {
    let secret = sessions::begin(app.database(), signed_in.account, session_epoch, app.clock.now()).await;
    let secret = secret.map_err(|error| Problem::unforeseen(&error))?;
    let audience = signed_in.audience();
    let mut response = redirect_with_notice(audience.account_path(), PASSWORD_CHANGED)?;
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(audience, Some(&secret), headers));
    Ok(response)
}
