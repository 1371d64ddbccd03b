//! A signup URL's page for operators, with what happened to it; and sheets of QR codes to print.

use askama::Template;
use axum::extract::{Path, State};
use contract::events::signups::RefusalReason;
use web::http::Problem;

use super::super::{AppState, Layout, PageQuery, PageResult, SignedIn, history, layout};
use super::{PLACE, base, filter};
use crate::domain::signup_key::stream;
use crate::domain::signup_url;
use crate::http::pages::page;
use crate::http::pages::table::Cell;
use crate::http::parts::labels::Labels;
use crate::http::parts::signup_keys::find;
use crate::http::parts::signup_keys::show::key_page;
use crate::http::parts::signup_keys::state::{self, Reasons};
use crate::projections::signup_keys;
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};

/// Most QR codes on a sheet.
const MAX_ON_SHEET: usize = 60;

/// One code on a sheet.
pub struct Printed {
    pub key: String,
    pub url: String,
    pub label: String,
}

#[derive(Template)]
#[template(path = "signup_key_sheet.html")]
pub struct SheetPage {
    pub layout: Layout,
    pub codes: Vec<Printed>,
    /// The URLs that visitors cannot sign up through, each with the reason.
    pub left_out: Vec<String>,
}

pub async fn show(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    query: PageQuery,
) -> PageResult {
    let key = find(&app, &signed_in, &text).await?;
    let history = history::block(&app, &stream(&key.key), None).await?;
    let facts = facts(&app, &key).await?;
    key_page(&app, &signed_in, &query, key, facts, Some(history)).await
}

async fn facts(app: &AppState, key: &SignupKeySnapshot) -> Result<Vec<(&'static str, Cell)>, Problem> {
    let names = Labels::get(app, None, [key.agent_id, key.call_plan_id, key.group_id]).await?;
    Ok(vec![
        ("Agent", names.link("/agents", key.agent_id)),
        ("Call plan", names.link("/call-plans", key.call_plan_id)),
        ("Customer group", names.link("/groups", key.group_id)),
    ])
}

pub async fn sheet(State(app): State<AppState>, signed_in: SignedIn, query: PageQuery) -> PageResult {
    let (base, warnings) = base(&app, &signed_in).await?;
    let filter = filter(&app, &query, query.parsed("agent_id"));
    let filter = signup_keys::Filter { state: Some(KeyState::Active), limit: MAX_ON_SHEET, ..filter };
    let found = signup_keys::list(app.database(), &filter).await?;
    let reasons = Reasons::of(&app, &found.items).await?;
    let (mut codes, mut left_out) = (Vec::new(), Vec::new());
    for key in found.items {
        match reasons.get(&key.key) {
            // Paper is printed before a URL starts.
            None | Some(RefusalReason::NotStarted) => {
                codes.push(Printed { url: signup_url::compose(&base, &key.key), label: key.label, key: key.key });
            }
            reason => left_out.push(format!("{}: {}", key.key, state::label(reason))),
        }
    }
    let layout = layout(&signed_in, "QR codes to print", PLACE, &query).warning(warnings);
    page(&SheetPage { layout, codes, left_out })
}
