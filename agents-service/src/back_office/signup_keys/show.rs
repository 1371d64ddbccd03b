//! A signup URL's page for operators, with its history; and printable sheets of QR codes.

use askama::Template;
use axum::extract::Path;
use contract::events::signups::RefusalReason;
use web::http::Problem;

use crate::back_office::history;
use crate::back_office::signup_keys::PLACE;
use crate::settings::signup_url;
use crate::signup_keys;
use crate::signup_keys::model::stream;
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::state::AppState;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::Context;
use crate::ui::signup_keys::show::key_page;
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::{base, filter, find};
use crate::ui::table::Cell;

const MAX_ON_SHEET: usize = 60;

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

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
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

pub async fn sheet(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let (base, warnings) = base(&app, &signed_in).await?;
    let filter = filter(&app, &query, query.parsed("agent_id"));
    let filter = signup_keys::queries::Filter { state: Some(KeyState::Active), limit: MAX_ON_SHEET, ..filter };
    let found = signup_keys::queries::list(app.database(), &filter).await?;
    let reasons = Reasons::of(&app, &found.items).await?;
    let (mut codes, mut left_out) = (Vec::new(), Vec::new());
    for key in found.items {
        match reasons.get(&key.key) {
            // Sheets are printed before a URL starts.
            None | Some(RefusalReason::NotStarted) => {
                codes.push(Printed { url: signup_url::compose(&base, &key.key), label: key.label, key: key.key });
            }
            reason => left_out.push(format!("{}: {}", key.key, state::label(reason))),
        }
    }
    let layout = Layout::new(&signed_in, "QR codes to print", PLACE).warning(warnings);
    page(&SheetPage { layout, codes, left_out })
}
