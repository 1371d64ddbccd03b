//! Error pages: the same problems as in the API, as pages. Server errors show a request id only.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use web::http::Problem;
use web::http::trace::current_request_id;

use crate::ui::layout::Layout;
use crate::ui::render::render;
use crate::ui::signed_in::SignedIn;

/// A problem as a page.
#[derive(Debug)]
pub struct ErrorPage(pub Problem);

#[derive(Template)]
#[template(path = "trouble.html")]
pub struct TroublePage {
    pub heading: &'static str,
    pub explanation: String,
    pub request_id: String,
}

impl<E: Into<Problem>> From<E> for ErrorPage {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The problem in the layout of the signed-in account, so that the menu stays.
#[derive(Template)]
#[template(path = "trouble_inside.html")]
pub struct TroubleInsidePage {
    pub layout: Layout,
    pub explanation: String,
    pub request_id: String,
}

/// Marks a response that shows this problem.
#[derive(Clone, Debug)]
struct Rendered(Problem);

impl ErrorPage {
    /// The page, in the layout of the signed-in account.
    pub fn shown_to(self, signed_in: Option<&SignedIn>) -> Response {
        let Self(problem) = self;
        let Explanation { heading, text: explanation } = Explanation::of(&problem);
        let request_id = if problem.status.is_server_error() { current_request_id() } else { String::new() };
        let page = match signed_in {
            None => render(problem.status, &TroublePage { heading, explanation, request_id }),
            Some(signed_in) => {
                let layout = Layout::new(signed_in, heading, "");
                render(problem.status, &TroubleInsidePage { layout, explanation, request_id })
            }
        };
        // Rendering writes to memory, so only a defect of the template can make it fail.
        let mut response = page.unwrap_or_else(|_| problem.status.into_response());
        if let Some(seconds) = problem.clone().into_response().headers().get(header::RETRY_AFTER) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
        }
        response.extensions_mut().insert(Rendered(problem));
        response
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        self.shown_to(None)
    }
}

/// The title and the text of a problem on a page.
struct Explanation {
    heading: &'static str,
    text: String,
}

impl Explanation {
    fn new(heading: &'static str, text: &str) -> Self {
        Self { heading, text: text.to_owned() }
    }

    fn of(problem: &Problem) -> Self {
        match problem.status {
            StatusCode::NOT_FOUND => {
                Self::new("There is nothing here", "The address is wrong, or what was here is not yours.")
            }
            StatusCode::METHOD_NOT_ALLOWED => Self::new("That did not work", "Go back, reload the page and try again."),
            StatusCode::FORBIDDEN => Self::new("That is not permitted", problem.detail()),
            StatusCode::TOO_MANY_REQUESTS => {
                Self::new("One moment, please", "That was a little fast. Please try again in a minute.")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::new("Please try again shortly", "The service cannot answer just now. Nothing is lost.")
            }
            status if status.is_client_error() => Self::new("That did not work", problem.detail()),
            _ => Self::new("Something went wrong", "That should not have happened. Please try again."),
        }
    }
}

/// Replaces an error response by a page with the menu of the signed-in account, also where no handler was reached.
pub fn in_layout(response: Response, signed_in: &SignedIn) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let problem = match response.extensions().get::<Rendered>() {
        Some(Rendered(problem)) => problem.clone(),
        None if is_page => return response,
        None if status.is_server_error() => Problem::internal(),
        // The path is malformed.
        None => Problem::not_found(),
    };
    ErrorPage(problem).shown_to(Some(signed_in))
}
