//! The routes of the service: the API, the back office and the portal, put together from the registry.

use axum::Json;
use axum::http::Method;
use serde_json::Value;
use web::http::Api;

use crate::back_office::dashboard;
use crate::portal::overview;
use crate::registry::NOUNS;
use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::routes::Routes;
use crate::ui::{account, assets, sign_in};

/// The API: every route, with its scope and description.
pub fn table(app: AppState, service_token: Option<String>) -> Api<AppState> {
    let routes = NOUNS.iter().filter_map(|noun| noun.api);
    routes.fold(Api::new(app, service_token), |api, add| add(api))
}

/// All routes: the API with the description of itself, and the pages.
pub fn face(app: AppState, service_token: Option<String>) -> Api<AppState> {
    let api = table(app, service_token);
    let document = description(&api);
    let api = api.page(Method::GET, "/api/openapi.json", || async { Json(document) });
    let api = api.page(Method::GET, "/assets/{name}", assets::asset);
    portal(back_office(api))
}

/// The OpenAPI document.
pub fn description(api: &Api<AppState>) -> Value {
    api.document("Signpost agents service")
}

/// Adds what operators see in a browser. Every route but the one to sign in is behind the guard.
fn back_office(api: Api<AppState>) -> Api<AppState> {
    let audience = Audience::BackOffice;
    let routes = Routes::behind(sign_in::routes(api, audience), audience);
    let routes = account::routes(dashboard::routes(routes), audience);
    NOUNS.iter().filter_map(|noun| noun.back_office).fold(routes, |routes, add| add(routes)).done()
}

/// Adds what agents see in a browser: each screen for the agents who are permitted it.
fn portal(api: Api<AppState>) -> Api<AppState> {
    let audience = Audience::Portal(None);
    let routes = Routes::behind(sign_in::routes(api, audience), audience);
    let api = account::routes(overview::routes(routes), audience).done();
    NOUNS.iter().filter_map(|noun| noun.portal).fold(api, |api, screen| {
        let routes = Routes::behind(api, Audience::Portal(Some(screen.permission)));
        (screen.routes)(routes).done()
    })
}
