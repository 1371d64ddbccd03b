//! Every route of the service: pages for visitors, JSON for programs.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use event_store::projections::FollowedLog;
use event_store::projections::followed_log::PATH;
use serde_json::Value;
use web::http::cors::{self, PublicApi};
use web::http::pages::compression;
use web::http::{Api, Holds, Operation, events as event_stream};

use crate::customers::api as customers;
use crate::customers::commands::CorrectedAnswer;
use crate::customers::provisioning::api as provisioning;
use crate::customers::provisioning::commands::ServiceAnswer;
use crate::customers::provisioning::requests::{ProvisionedBody, ProvisioningFailedBody, StepBody};
use crate::customers::shown::CustomerAnswer;
use crate::events;
use crate::lookups::api as lookups;
use crate::pages::site::Site;
use crate::pages::{confirmation, handlers, nowhere, old_links};
use crate::signups::api as signups;
use crate::signups::challenge::{self, ChallengeRequired};
use crate::state::AppState;

pub fn router(app: AppState) -> Router {
    let site = Site::new(app);
    let document = api(site.clone()).document(TITLE, EXAMPLES);
    let keys = site.keys.clone();
    let is_allowed = move |origin: &str| keys.rules().frame_origins.iter().any(|known| known == origin);
    let public = PublicApi::new(&PUBLIC, challenge::SOLUTION, is_allowed);
    api(site)
        .page(Method::GET, "/signup/{key}", handlers::show)
        .page(Method::POST, "/signup/{key}", handlers::submit)
        .page(Method::GET, "/signup/confirmation/{secret}", confirmation::show)
        .page(Method::GET, "/signup/assets/{name}", handlers::asset)
        .page(Method::GET, "/api/openapi.json", || async move { axum::Json(document) })
        .page(Method::GET, "/", handlers::nothing_here)
        .page(Method::GET, "/signup", handlers::nothing_here)
        .page(Method::GET, "/signup.php", old_links::moved)
        .page(Method::GET, "/customer/signup.php", old_links::moved)
        .into_router(nowhere::nowhere)
        .layer(compression())
        .layer(from_fn_with_state(public, cors::share))
}

/// The OpenAPI document.
pub fn document(app: AppState) -> Value {
    api(Site::new(app)).document(TITLE, EXAMPLES)
}

/// What scripts of the sites that may show the form may use.
const PUBLIC: [&str; 2] = ["/api/v1/signup-keys/", "/api/v1/signups"];

const TITLE: &str = "Signpost: the signup service";
const EXAMPLES: &str = include_str!("../examples.json");

fn api(site: Site) -> Api<Site> {
    let lookup = Operation::new(Method::GET, "/api/v1/signup-keys/{key}", "What a signup key stands for")
        .query(&[(
            "at_least",
            "Position of the agents' log that the answer must hold, such as agents:120; only with a token",
            Holds::Pattern("^(agents:)?[0-9]+$"),
        )])
        .rate_limited()
        .fails(&[410])
        .gives::<lookups::KeyAnswer<'static>>(200);
    let sign_up = Operation::new(Method::POST, "/api/v1/signups", "Sign a customer up through a key")
        .header(
            "Signpost-Solution",
            "The solution of the challenge of a problem `challenge-required`: its text, a colon and the number. Not needed with a token",
        )
        .rate_limited()
        .fails(&[404, 410])
        .takes::<signups::SignupBody>()
        .gives::<signups::SignupAnswer>(201)
        .refuses::<ChallengeRequired>(428, "A challenge must be solved first, as the operator's settings say");
    let search =
        Operation::new(Method::GET, "/api/v1/customers", "Customers, newest first, or those that a search finds")
            .scope("customers:read")
            .query(customers::SEARCH_PARAMETERS)
            .gives::<customers::SearchAnswer>(200);
    let read = Operation::new(Method::GET, "/api/v1/customers/{id}", "A customer's data")
        .scope("customers:read")
        .gives::<CustomerAnswer>(200);
    let correct = Operation::new(Method::PATCH, "/api/v1/customers/{id}", "Correct a customer's data (If-Match)")
        .scope("customers:write")
        .needs_if_match()
        .takes::<customers::CorrectBody>()
        .gives::<CorrectedAnswer>(200);
    let erase = Operation::new(Method::DELETE, "/api/v1/customers/{id}", "Erase a customer's personal data")
        .scope("customers:erase")
        .takes::<customers::EraseBody>()
        .gives::<customers::EraseAnswer>(200);
    let replay = Operation::new(Method::GET, "/api/v1/events", "The log of signups, as JSON lines or live")
        .scope("events:read")
        .query(event_stream::PARAMETERS)
        .sends(event_stream::MEDIA)
        .fails(event_stream::STATUSES);
    let followed = Operation::new(Method::GET, PATH, "How far the agents' log is followed, for the agents-service")
        .scope("events:read")
        .gives::<FollowedLog>(200);
    let service_token = site.service_token.clone();
    service(Api::new(site, service_token))
        .on(lookup, lookups::get)
        .on(sign_up, signups::create)
        .on(search, customers::search)
        .on(read, customers::get)
        .on(correct, customers::correct)
        .on(erase, customers::erase)
        .on(replay, events::get.layer(event_stream::compression()))
        .on(followed, events::followed)
}

/// What the operator's systems tell of customers, and what the operator decides.
fn service(api: Api<Site>) -> Api<Site> {
    let waiting = Operation::new(
        Method::GET,
        "/api/v1/customers/waiting",
        "Customers whom no system serves yet, the oldest first",
    )
    .named("listWaitingCustomers")
    .scope("customers:read")
    .query(provisioning::WAITING_PARAMETERS)
    .gives::<provisioning::WaitingAnswer>(200);
    let change =
        |path, summary, scope| Operation::new(Method::POST, path, summary).scope(scope).gives::<ServiceAnswer>(200);
    let provisioned = change(
        "/api/v1/customers/{id}/provisioned",
        "Tell that a system has an account for the customer",
        "customers:provision",
    );
    let failed = change(
        "/api/v1/customers/{id}/provisioning-failed",
        "Tell that a system could not make an account",
        "customers:provision",
    );
    let suspend = change("/api/v1/customers/{id}/suspend", "Serve a customer no more for now", "customers:write");
    let reinstate = change("/api/v1/customers/{id}/reinstate", "Serve a suspended customer again", "customers:write");
    let close = change("/api/v1/customers/{id}/close", "End a customer's service for good", "customers:write");
    api.on(waiting, provisioning::waiting)
        .on(provisioned.named("reportProvisioned").takes::<ProvisionedBody>(), provisioning::provisioned)
        .on(failed.named("reportProvisioningFailed").takes::<ProvisioningFailedBody>(), provisioning::failed)
        .on(suspend.takes::<StepBody>(), provisioning::suspend)
        .on(reinstate.takes::<StepBody>(), provisioning::reinstate)
        .on(close.takes::<StepBody>(), provisioning::close)
}
