use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::ui::error_page::ErrorPage;
use crate::ui::notice::Notice;
use crate::ui::render::render;

/// The response of a page's handler.
pub type PageResult = Result<Response, ErrorPage>;

pub fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

pub fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    Ok(render(status, template)?)
}

/// Redirects to another page, after an action.
pub fn to(path: &str) -> PageResult {
    Ok(Redirect::to(path).into_response())
}

/// Redirects to the page of a thing, with a notice of the action.
pub fn redirect_with_notice(path: &str, notice: Notice) -> PageResult {
    to(&format!("{path}?done={}", notice.code))
}
