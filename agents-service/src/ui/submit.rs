//! Submitting a form, showing a refused one again, and asking for confirmation.

use axum::http::StatusCode;
use event_store::log::AppendResult;
use web::http::{FieldErrors, Problem};

use crate::command::Submission;
use crate::endpoint::Reason;
use crate::state::AppState;
use crate::ui::error_page::ErrorPage;
use crate::ui::form::{Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::{CHANGED, Notice, UNCHANGED};
use crate::ui::page::{PageResult, page_with};
use crate::ui::signed_in::SignedIn;

/// Submits a form's command.
pub async fn submit(
    app: &AppState,
    signed_in: &SignedIn,
    form: &Form,
    what: &str,
    command: Result<impl Into<Submission>, Problem>,
) -> Result<AppendResult, Problem> {
    let meta = form.command(signed_in, what)?;
    app.submit(meta, command?.into().expecting(form.shown_version()?)).await
}

/// The data of a refused form, with the typed values.
pub fn redisplay(form: &Form, problem: Problem) -> Result<FormData, ErrorPage> {
    Ok(FormData::refused(form, problem)?)
}

/// The page of a form, with an error status if it has violations.
pub fn form_page(page: &FormPage) -> PageResult {
    let status = if page.notice.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, page)
}

/// A confirmation page before something is stopped, with an input for the reason.
pub fn confirmation(
    layout: Layout,
    data: &FormData,
    action: String,
    back: String,
    consequences: Vec<String>,
) -> FormPage {
    let reason = data.typed("reason", "Reason").hint("Your own words, kept in the history. Please name no customer.");
    let sections = vec![Section { legend: "", inputs: vec![reason] }];
    let page = FormPage::new(layout, data, action, sections).back(back);
    FormPage { consequences, grave: true, ..page }
}

/// The reason in such a form.
pub fn reason(form: &Form) -> Result<Option<String>, Problem> {
    let reason = Some(form.text("reason")).filter(|text| !text.is_empty()).map(str::to_owned);
    Reason { reason }.check(FieldErrors::new())
}

/// The notice after a change, or that nothing was changed.
pub fn changed(appended: &AppendResult, version: u64) -> Notice {
    if appended.answer.version() == version { UNCHANGED } else { CHANGED }
}
