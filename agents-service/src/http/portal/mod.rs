//! The agents' portal: an agent's own signup URLs, groups, call plans, messages and account. Each screen is behind the audience for those who
//! are permitted it, and every query is limited to the agent who is signed in.

mod call_plans;
mod customers;
mod groups;
mod messages;
mod overview;
mod sales;
mod signup_keys;

use contract::events::agents::Permission;
use web::http::Api;

use super::AppState;
use super::pages::{Audience, Layout, PageQuery, Routes, SignedIn, layout};
use super::parts::{account, sign_in};

/// Adds the portal to the API.
pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let api = sign_in::routes(api, Audience::Portal(None));
    let routes = overview::routes(Routes::behind(api, Audience::Portal(None)));
    let api = account::routes(routes, Audience::Portal(None)).done();
    let api = signup_keys::routes(Routes::behind(api, Audience::Portal(Some(Permission::SignupUrls)))).done();
    let api = customers::routes(Routes::behind(api, Audience::Portal(Some(Permission::Customers)))).done();
    let api = sales::routes(Routes::behind(api, Audience::Portal(Some(Permission::Sales)))).done();
    let api = groups::routes(Routes::behind(api, Audience::Portal(Some(Permission::Groups)))).done();
    let api = messages::routes(Routes::behind(api, Audience::Portal(Some(Permission::Support)))).done();
    call_plans::routes(Routes::behind(api, Audience::Portal(Some(Permission::CallPlans)))).done()
}
