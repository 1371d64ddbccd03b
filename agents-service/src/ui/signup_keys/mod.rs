//! A signup URL for both faces: its page, its QR code, the forms to add and to change one, and its state changes. Agents find their
//! own only; a URL is composed from the current settings when it is shown.

pub mod brief;
pub mod edit;
pub mod figures;
pub mod form;
pub mod list;
pub mod several;
pub mod sheet;
pub mod show;
pub mod state;
pub mod state_changes;

use std::collections::HashMap;

use contract::key::candidates;
use uuid::Uuid;
use web::http::Problem;

use crate::sales::summary::Figures;
use crate::settings;
use crate::signup_keys::queries::Filter;
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::layout::Warning;
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::SignedIn;
use crate::{sales, signup_keys};

const OUT_OF_REACH: &str = "Visitors elsewhere may not be able to open these URLs yet. Please tell the operator.";

/// The list of signup URLs of the account's face.
pub fn place(signed_in: &SignedIn) -> &'static str {
    if signed_in.audience() == Audience::BackOffice { "/signup-keys" } else { "/portal/signup-keys" }
}

/// The page of a signup URL in the account's face.
pub fn path(signed_in: &SignedIn, key: &SignupKeySnapshot) -> String {
    format!("{}/{}", place(signed_in), key.key)
}

/// The customer interface URL and its warnings; an agent gets one general warning.
pub async fn base(app: &AppState, signed_in: &SignedIn) -> Result<(String, Vec<Warning>), Problem> {
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let mut warnings = Warning::of_url(&base);
    if signed_in.agent_id().is_some() && !warnings.is_empty() {
        warnings = vec![OUT_OF_REACH.into()];
    }
    Ok((base, warnings))
}

/// The key that a text in a path means. For an agent, other agents' keys do not exist.
pub async fn find(app: &AppState, signed_in: &SignedIn, text: &str) -> Result<SignupKeySnapshot, Problem> {
    for candidate in candidates(text) {
        if let Some(key) = signup_keys::queries::get(app.database(), candidate.as_str()).await? {
            let is_theirs = signed_in.agent_id().is_none_or(|own| own == key.agent_id);
            return is_theirs.then_some(key).ok_or_else(Problem::not_found);
        }
    }
    Err(Problem::not_found())
}

/// The sums of these keys, limited to the account's own.
pub async fn of_keys(
    app: &AppState,
    signed_in: &SignedIn,
    keys: &[SignupKeySnapshot],
) -> Result<HashMap<String, Figures>, Problem> {
    let keys: Vec<String> = keys.iter().map(|key| key.key.clone()).collect();
    Ok(sales::summary::of_keys(app.database(), signed_in.agent_id(), &keys).await?)
}

/// The keys that a query asks for. Agents ask by no call plan and no group: a link could make the page name another agent's.
pub fn filter(app: &AppState, signed_in: &SignedIn, query: &PageQuery, agent_id: Option<Uuid>) -> Filter {
    let thing = |name| query.parsed(name).filter(|_| signed_in.agent_id().is_none());
    Filter {
        agent_id,
        call_plan_id: thing("call_plan_id"),
        group_id: thing("group_id"),
        state: query.parsed::<KeyState>("state"),
        usable: state::filter(app, query),
        search: query.text("search"),
        order: query.order(),
        after: query.parsed("after"),
        limit: query.limit(),
    }
}
