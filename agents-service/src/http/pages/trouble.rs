//! When a page cannot be shown: the same problems as in the API, as a page. What went wrong here is not explained, only
//! numbered.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::http::Problem;
use shared::http::trace::current_request_id;

/// A problem, for people.
#[derive(Debug)]
pub struct Trouble(pub Problem);

#[derive(Template)]
#[template(path = "trouble.html")]
pub struct TroublePage {
    pub heading: &'static str,
    pub explanation: String,
    pub request_id: String,
}

impl<E: Into<Problem>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let Self(problem) = self;
        let (heading, explanation) = match problem.status {
            StatusCode::NOT_FOUND => {
                ("There is nothing here", "The address is wrong, or what was here is not yours.".to_owned())
            }
            StatusCode::FORBIDDEN => ("That is not permitted", problem.detail().to_owned()),
            StatusCode::TOO_MANY_REQUESTS => {
                ("One moment, please", "That was a little fast. Please try again in a minute.".to_owned())
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                ("Please try again shortly", "The service cannot answer just now. Nothing is lost.".to_owned())
            }
            status if status.is_client_error() => ("That did not work", problem.detail().to_owned()),
            _ => ("Something went wrong", "That should not have happened. Please try again.".to_owned()),
        };
        let request_id = if problem.status.is_server_error() { current_request_id() } else { String::new() };
        let page = super::page_with(problem.status, &TroublePage { heading, explanation, request_id });
        // Rendering writes to memory: only a defect of the template could make it fail.
        let mut response = page.unwrap_or_else(|_| problem.status.into_response());
        if let Some(seconds) = problem.into_response().headers().get(header::RETRY_AFTER) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
        }
        response
    }
}
