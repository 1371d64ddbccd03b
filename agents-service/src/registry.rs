//! The nouns of the service, a line for each: what the projection of the log makes of it, its API routes and its pages.

use std::sync::LazyLock;

use contract::events::agents::Permission;
use event_store::projections::Table;
use web::http::Api;

use crate::projection::{AgentsProjection, Part};
use crate::state::AppState;
use crate::ui::routes::Routes;
use crate::{
    agents, api_tokens, back_office, call_plans, erasure, events, grants, groups, operators, portal, sales, settings,
    signup_keys, support,
};

/// What the service has of a noun.
#[derive(Clone, Copy)]
pub struct Noun {
    /// What the projection of the service's own log makes of it.
    pub projection: Option<Part>,
    pub api: Option<fn(Api<AppState>) -> Api<AppState>>,
    pub back_office: Option<fn(Routes) -> Routes>,
    /// The pages of the portal, for agents who have this permission.
    pub portal: Option<(Permission, fn(Routes) -> Routes)>,
}

const NONE: Noun = Noun { projection: None, api: None, back_office: None, portal: None };

/// All nouns.
#[rustfmt::skip]
pub const NOUNS: [Noun; 14] = [
    Noun { projection: Some(agents::projection::PART), api: Some(agents::api::routes), back_office: Some(back_office::agents::routes), ..NONE },
    Noun { api: Some(erasure::api::routes), ..NONE },
    Noun { projection: Some(grants::projection::PART), api: Some(grants::api::routes), back_office: Some(back_office::grants::routes), ..NONE },
    Noun { projection: Some(call_plans::projection::PART), api: Some(call_plans::api::routes), back_office: Some(back_office::call_plans::routes), portal: Some((Permission::CallPlans, portal::call_plans::routes)) },
    Noun { projection: Some(groups::projection::PART), api: Some(groups::api::routes), back_office: Some(back_office::groups::routes), portal: Some((Permission::Groups, portal::groups::routes)) },
    Noun { projection: Some(signup_keys::projection::PART), api: Some(signup_keys::api::routes), back_office: Some(back_office::signup_keys::routes), portal: Some((Permission::SignupUrls, portal::signup_keys::routes)) },
    Noun { projection: Some(settings::projection::PART), api: Some(settings::api::routes), back_office: Some(back_office::settings::routes), ..NONE },
    Noun { projection: Some(operators::projection::PART), api: Some(operators::api::routes), back_office: Some(back_office::operators::routes), ..NONE },
    Noun { projection: Some(api_tokens::projection::PART), api: Some(api_tokens::api::routes), back_office: Some(back_office::api_tokens::routes), ..NONE },
    Noun { api: Some(sales::api::routes), portal: Some((Permission::Sales, portal::sales::routes)), ..NONE },
    Noun { back_office: Some(back_office::unknown_keys::routes), ..NONE },
    Noun { back_office: Some(back_office::customers::routes), portal: Some((Permission::Customers, portal::customers::routes)), ..NONE },
    Noun { api: Some(support::api::routes), back_office: Some(back_office::messages::routes), portal: Some((Permission::Support, portal::messages::routes)), ..NONE },
    Noun { api: Some(events::api::routes), back_office: Some(back_office::events::routes), ..NONE },
];

static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| NOUNS.iter().filter_map(|noun| noun.projection).flat_map(|part| (part.tables)()).collect());

/// The projection of the service's own log.
pub fn directory() -> AgentsProjection {
    AgentsProjection::new(&TABLES, NOUNS.iter().filter_map(|noun| noun.projection).map(|part| part.apply).collect())
}
