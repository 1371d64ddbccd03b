//! The back office: what operators see in a browser, one file for each noun. Every route but the one to sign in is behind the
//! door. What forms say is checked where the API's requests are: in `given`.

pub mod account;
pub mod agents;
pub mod api_tokens;
mod call_plans;
pub mod customers;
pub mod dashboard;
mod events;
pub mod figures;
mod grants;
mod groups;
mod history;
pub mod messages;
pub mod names;
mod operators;
mod settings;
pub mod sign_in;
pub mod signup_keys;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use shared::http::{Api, FieldErrors, Problem};
use shared::log::Receipt;

use super::Office;
use super::fields::{Fields, SHORT};
use super::pages::form::Entry;
use super::pages::inputs::{FormPage, Section};
use super::pages::{Answer, Asked, Door, Form, Frame, Routes, SignedIn, Trouble, assets, frame, page_with, to};
use super::{id, member};
use crate::desk::Request;

/// Items of a list on a page.
pub const LIST_LIMIT: usize = 50;
/// Most items that a choice is made from; whoever has more uses the API.
pub const MAX_CHOICES: usize = 500;

/// Adds the back office to the API.
pub fn routes(api: Api<Office>) -> Api<Office> {
    let api = api.page(Method::GET, "/assets/{name}", assets::asset);
    let api = sign_in::routes(api, Door::BackOffice);
    let routes = Routes::behind(api, Door::BackOffice);
    let routes = dashboard::routes(routes);
    let routes = account::routes(routes);
    let routes = agents::routes(routes);
    let routes = grants::routes(routes);
    let routes = call_plans::routes(routes);
    let routes = groups::routes(routes);
    let routes = signup_keys::routes(routes);
    let routes = customers::routes(routes);
    let routes = messages::routes(routes);
    let routes = settings::routes(routes);
    let routes = operators::routes(routes);
    let routes = api_tokens::routes(routes);
    events::routes(routes).done()
}

/// Hands in what a form asks for.
pub async fn submit(
    office: &Office,
    signed_in: &SignedIn,
    form: &Form,
    what: &str,
    request: Result<Request, Problem>,
) -> Result<Receipt, Problem> {
    office.submit(form.command(signed_in, what)?, request?).await
}

/// A refused form, to be shown again with what was typed.
pub fn again(form: &Form, problem: Problem) -> Result<Entry, Trouble> {
    Ok(Entry::refused(form, problem)?)
}

/// The page of a form: answered as refused when something is wrong with it.
pub fn form_page(page: &FormPage) -> Answer {
    let status = if page.notice.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, page)
}

/// A question before something is done that stops something, with a reason to give.
pub fn confirmation(frame: Frame, entry: &Entry, action: String, back: String, consequences: Vec<String>) -> FormPage {
    let reason = entry.typed("reason", "Reason").hint("Your own words, kept in the history. Please name no customer.");
    let sections = vec![Section { legend: "", inputs: vec![reason] }];
    let page = FormPage::new(frame, entry, action, sections).back(back);
    FormPage { consequences, grave: true, ..page }
}

/// The reason that such a form gives.
pub fn reason(form: &Form) -> Result<Option<String>, Problem> {
    let mut fields = Fields::new(FieldErrors::new());
    let typed = Some(form.text("reason")).filter(|text| !text.is_empty()).map(str::to_owned);
    let reason = fields.text("reason", typed, SHORT);
    fields.finish()?;
    Ok(reason)
}

/// A number of things in words: "1 key", "3 keys".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Where a thing is shown, after something was done to it.
pub fn shown(path: &str, word: &str) -> Result<Response, Trouble> {
    to(&format!("{path}?done={word}"))
}
