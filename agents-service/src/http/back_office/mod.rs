//! The back office: what operators see in a browser, one file for each noun. Every route but the one to sign in is behind the
//! audience. What forms say is checked where the API's requests are: in `requests`.

mod agents;
pub mod api_tokens;
mod call_plans;
mod customers;
mod dashboard;
mod events;
mod grants;
mod groups;
mod history;
mod messages;
mod operators;
mod settings;
pub mod signup_keys;
mod unknown_keys;

use web::http::Api;

use super::pages::inputs::{FormPage, Section};
use super::pages::{
    Audience, Form, FormData, LIST_LIMIT, Layout, PageQuery, PageResult, Routes, SignedIn, changed, confirmation,
    counted, form_page, layout, page_with, reason, redirect_with_notice, redisplay, submit,
};
use super::parts::labels::MAX_CHOICES;
use super::parts::{account, figures, sign_in};
use super::{AppState, id};

/// Adds the back office to the API.
pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let api = sign_in::routes(api, Audience::BackOffice);
    let routes = Routes::behind(api, Audience::BackOffice);
    let routes = dashboard::routes(routes);
    let routes = account::routes(routes, Audience::BackOffice);
    let routes = agents::routes(routes);
    let routes = grants::routes(routes);
    let routes = call_plans::routes(routes);
    let routes = groups::routes(routes);
    let routes = signup_keys::routes(routes);
    let routes = unknown_keys::routes(routes);
    let routes = customers::routes(routes);
    let routes = messages::routes(routes);
    let routes = settings::routes(routes);
    let routes = operators::routes(routes);
    let routes = api_tokens::routes(routes);
    events::routes(routes).done()
}
