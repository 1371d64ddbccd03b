//! What the handler of a page answers: the page, or another one to go to.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::ui::error_page::ErrorPage;
use crate::ui::notice::Notice;
use crate::ui::render::render;

/// Items of a list on a page.
pub const LIST_LIMIT: usize = 50;

/// What a handler of a page answers.
pub type PageResult = Result<Response, ErrorPage>;

/// A page.
pub fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

/// A page with another status than 200.
pub fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    Ok(render(status, template)?)
}

/// To another page, after something was done there or here.
pub fn to(path: &str) -> PageResult {
    Ok(Redirect::to(path).into_response())
}

/// Where a thing is shown, with a notice of what was done to it.
pub fn redirect_with_notice(path: &str, notice: Notice) -> PageResult {
    to(&format!("{path}?done={}", notice.code))
}

/// A number of things in words: "1 key", "3 keys".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
