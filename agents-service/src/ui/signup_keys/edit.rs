//! The form that changes a signup URL's label, note and limits. A change that stops the URL asks first.

use axum::extract::Path;
use axum::http::StatusCode;
use web::http::Problem;

use crate::commission::requests::TERMS_SCOPE;
use crate::signup_keys::commands;
use crate::signup_keys::model::Change;
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::state::AppState;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::FormPage;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page_with, redirect_with_notice};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::form::{change_of, changeable, values};
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::{find, path, place};
use crate::ui::submit::{changed, form_page, redisplay, submit};

/// The field that says that the URL may stop.
const STOPS: &str = "_stops";

pub async fn edit(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let key = find(&app, &signed_in, &text).await?;
    let zone = &signed_in.reader.zone;
    form_page(&edit_page(&signed_in, &key, key.version, &values(&key, zone)))
}

pub async fn change(
    Context(app, signed_in): Context,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let key = find(&app, &signed_in, &text).await?;
    let (zone, version) = (&signed_in.reader.zone, form.version()?);
    let (request, errors) = change_of(&form);
    if request.states_terms() {
        return Err(Problem::forbidden(TERMS_SCOPE).into());
    }
    let change = request.check(errors, zone, &key.note);
    if let (Ok(change), true) = (&change, form.text(STOPS).is_empty())
        && let Some(consequence) = stops(&app, &signed_in, &key, change).await?
    {
        return ask(&signed_in, &key, version, &form, consequence);
    }
    let command = change.map(|change| commands::change(&key.key, change));
    match submit(&app, &signed_in, &form, &format!("change signup key {}", key.key), command).await {
        Ok(appended) => redirect_with_notice(&path(&signed_in, &key), changed(&appended, version)),
        Err(problem) => form_page(&edit_page(&signed_in, &key, version, &redisplay(&form, problem)?)),
    }
}

fn edit_page(signed_in: &SignedIn, key: &SignupKeySnapshot, version: u64, data: &FormData) -> FormPage {
    let path = path(signed_in, key);
    let layout = Layout::new(signed_in, format!("Edit {}", key.key), place(signed_in));
    let sections = changeable(data, &signed_in.reader).into();
    FormPage::new(layout, data, format!("{path}/edit"), sections).at_version(version).back(path)
}

/// Why visitors can no longer sign up through a usable URL after a change; `None` where they can.
async fn stops(
    app: &AppState,
    signed_in: &SignedIn,
    key: &SignupKeySnapshot,
    change: &Change,
) -> Result<Option<String>, Problem> {
    let changed = SignupKeySnapshot {
        starts_at: change.starts_at.unwrap_or(key.starts_at),
        ends_at: change.ends_at.unwrap_or(key.ends_at),
        cap: change.cap.unwrap_or(key.cap),
        ..key.clone()
    };
    if Reasons::of(app, std::slice::from_ref(key)).await?.get(&key.key).is_some() {
        return Ok(None);
    }
    let reason = Reasons::of(app, &[changed]).await?.get(&key.key);
    Ok(reason.map(|reason| state::advice(signed_in, reason)))
}

/// The form again, with what it stops.
fn ask(signed_in: &SignedIn, key: &SignupKeySnapshot, version: u64, form: &Form, consequence: String) -> PageResult {
    let page = edit_page(signed_in, key, version, &form.data()).hiding(STOPS, "yes").submit("Stop the URL");
    page_with(StatusCode::OK, &FormPage { consequences: vec![consequence], grave: true, ..page })
}
