//! The routes of the service: the API, the back office and the portal, from the registry.

use axum::Json;
use axum::http::Method;
use serde_json::Value;
use web::http::Api;

use crate::back_office::{self, dashboard};
use crate::portal::{overview, search};
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

/// All routes: the API with its OpenAPI document, and the pages.
pub fn face(app: AppState, service_token: Option<String>) -> Api<AppState> {
    let api = table(app, service_token);
    let document = description(&api);
    let api = api.page(Method::GET, "/api/openapi.json", || async { Json(document) });
    let api = api.page(Method::GET, "/assets/{name}", assets::asset);
    portal(operators(api))
}

pub fn description(api: &Api<AppState>) -> Value {
    api.document("Signpost agents service", include_str!("../examples.json"))
}

/// Adds the back office. Every route except for the sign-in is behind the guard.
fn operators(api: Api<AppState>) -> Api<AppState> {
    let audience = Audience::BackOffice;
    let routes = Routes::behind(sign_in::routes(api, audience), audience);
    let routes = account::routes(routes, audience).needing(back_office::scopes::of);
    let routes = back_office::search::routes(dashboard::routes(routes));
    NOUNS.iter().filter_map(|noun| noun.back_office).fold(routes, |routes, add| add(routes)).done()
}

/// Adds the portal: each screen for agents with its permission.
fn portal(api: Api<AppState>) -> Api<AppState> {
    let audience = Audience::Portal(None);
    let routes = Routes::behind(sign_in::routes(api, audience), audience);
    let api = account::routes(search::routes(overview::routes(routes)), audience).done();
    NOUNS.iter().filter_map(|noun| noun.portal).fold(api, |api, screen| {
        let routes = Routes::behind(api, Audience::Portal(Some(screen.permission)));
        (screen.routes)(routes).done()
    })
}
