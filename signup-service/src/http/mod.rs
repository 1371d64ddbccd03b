//! The service's HTTP side: pages for visitors, JSON for programs. Every route stands in `router`.

pub mod api;
pub mod counts;
pub mod limits;
pub mod page_cache;
pub mod page_views;
pub mod refusals;
pub mod signup;
pub mod signups;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use contract::clock::Clock;
use event_store::log::Log;
use event_store::projections::followed_log::PATH;
use event_store::projections::{Checkpoint, FollowedLog};
use event_store::sql::Database;
use serde_json::Value;
use web::http::{Api, Authenticator, Caller, Operation, Problem, Streams, events};

use crate::keys::Keys;
use crate::placements::{CorrectedAnswer, PlacementWriter};
use api::{customers, log, signup_keys};
use counts::Counts;
use limits::Limits;
use page_cache::CurrentPages;

/// What the handlers work with; clones lead to the same things.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The things themselves.
pub struct Parts {
    pub log: Log,
    pub keys: Keys,
    pub pages: CurrentPages,
    pub writer: PlacementWriter,
    /// How far the words are that customers are found by.
    pub words: Checkpoint,
    pub limits: Limits,
    pub counts: Arc<Counts>,
    pub clock: Clock,
    /// With which a sister service calls.
    pub service_token: Option<String>,
    /// The open event streams.
    pub streams: Streams,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    /// Handlers that work with these.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The service's database.
    pub fn database(&self) -> &Database {
        self.log.database()
    }
}

impl Authenticator for AppState {
    async fn identify(&self, token: &str) -> Result<Option<Caller>, Problem> {
        match self.keys.token(token).await? {
            Some(token) if token.parked => Err(Problem::unavailable()),
            Some(token) => Ok(Some(Caller { actor: format!("token:{}", token.id), scopes: token.scopes })),
            None => Ok(None),
        }
    }

    async fn revocations(&self) -> Result<[u64; 3], Problem> {
        Ok(self.keys.revocations().await?)
    }
}

/// All routes.
pub fn router(app: AppState) -> Router {
    let document = api(app.clone()).document(TITLE);
    api(app)
        .page(Method::GET, "/signup/{key}", signup::show)
        .page(Method::POST, "/signup/{key}", signup::submit)
        .page(Method::GET, "/signup/assets/{name}", signup::asset)
        .page(Method::GET, "/api/openapi.json", || async move { axum::Json(document) })
        .page(Method::GET, "/", signup::nothing_here)
        .page(Method::GET, "/signup", signup::nothing_here)
        .page(Method::GET, "/signup.php", signup::old_links::moved)
        .page(Method::GET, "/customer/signup.php", signup::old_links::moved)
        .into_router(signup::nowhere::nowhere)
}

/// The description of the API.
pub fn document(app: AppState) -> Value {
    api(app).document(TITLE)
}

const TITLE: &str = "Signpost: the signup service";

fn api(app: AppState) -> Api<AppState> {
    let lookup = Operation::new(Method::GET, "/api/v1/signup-keys/{key}", "What a signup key stands for")
        .query(&[(
            "at_least",
            "Position of the agents' log that the answer must hold, such as agents:120; only with a token",
        )])
        .gives::<signup_keys::KeyAnswer<'static>>(200);
    let sign_up = Operation::new(Method::POST, "/api/v1/signups", "Sign a customer up through a key")
        .takes::<api::signups::SignupBody>()
        .gives::<api::signups::SignupAnswer>(201);
    let search =
        Operation::new(Method::GET, "/api/v1/customers", "Customers, newest first, or those that a search finds")
            .scope("customers:read")
            .query(customers::SEARCH_PARAMETERS)
            .gives::<customers::SearchAnswer>(200);
    let read = Operation::new(Method::GET, "/api/v1/customers/{id}", "A customer's data").scope("customers:read");
    let correct = Operation::new(Method::PATCH, "/api/v1/customers/{id}", "Correct a customer's data (If-Match)")
        .scope("customers:write")
        .takes::<customers::CorrectBody>()
        .gives::<CorrectedAnswer>(200);
    let erase = Operation::new(Method::DELETE, "/api/v1/customers/{id}", "Erase a customer's personal data")
        .scope("customers:erase")
        .gives::<customers::EraseAnswer>(200);
    let replay = Operation::new(Method::GET, "/api/v1/events", "The log of signups, as JSON lines or live")
        .scope("events:read")
        .query(events::PARAMETERS);
    let followed = Operation::new(Method::GET, PATH, "How far the agents' log is followed, for the agents-service")
        .scope("events:read")
        .gives::<FollowedLog>(200);
    let service_token = app.service_token.clone();
    Api::new(app, service_token)
        .on(lookup, signup_keys::get)
        .on(sign_up, api::signups::create)
        .on(search, customers::search)
        .on(read, customers::get)
        .on(correct, customers::correct)
        .on(erase, customers::erase)
        .on(replay, log::get.layer(events::compression()))
        .on(followed, log::followed)
}
