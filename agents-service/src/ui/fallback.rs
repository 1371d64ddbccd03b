use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use web::http::Problem;
use web::http::accept::wants_page;

use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::error_page::ErrorPage;
use crate::ui::guard::{self, RequestedBy};

/// The response where no route matches: a page for browsers, in the layout of the account signed in at that face, a
/// problem for programs.
pub fn nowhere(app: AppState, parts: Parts, problem: Problem) -> BoxFuture<'static, Response> {
    Box::pin(async move {
        if !wants_page(&parts.headers) {
            return problem.into_response();
        }
        let is_portal = parts.uri.path().starts_with(Audience::Portal(None).home());
        let audience = if is_portal { Audience::Portal(None) } else { Audience::BackOffice };
        let signed_in = guard::signed_in(&app, audience, RequestedBy::Page, &parts.headers).await.unwrap_or_default();
        ErrorPage(problem).shown_to(signed_in.as_ref())
    })
}
