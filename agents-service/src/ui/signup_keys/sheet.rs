//! QR codes to print: of the signup URLs that were chosen in a list, else of those that match its filters.

use askama::Template;
use contract::events::signups::RefusalReason;

use crate::settings::signup_url;
use crate::signup_keys;
use crate::signup_keys::queries::Filter;
use crate::signup_keys::snapshot::State as KeyState;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::Context;
use crate::ui::signup_keys::several::{self, CHOSEN};
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::{base, filter, place};

/// Most codes of a sheet.
const MAX_ON_SHEET: usize = 60;

/// A URL on the sheet.
pub struct Printed {
    /// The path of its picture.
    pub picture: String,
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

pub async fn sheet(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let (place, (base, warnings)) = (place(&signed_in), base(&app, &signed_in).await?);
    let keys = if query.has(CHOSEN) {
        several::chosen(&app, &signed_in, &query).await?
    } else {
        let agent_id = signed_in.agent_id().or_else(|| query.parsed("agent_id"));
        let state = Some(KeyState::Active);
        let filter = Filter { state, after: None, limit: MAX_ON_SHEET, ..filter(&app, &signed_in, &query, agent_id) };
        signup_keys::queries::list(app.database(), &filter).await?.items
    };
    let reasons = Reasons::of(&app, &keys).await?;
    let (mut codes, mut left_out) = (Vec::new(), Vec::new());
    for key in keys.into_iter().take(MAX_ON_SHEET) {
        match reasons.get(&key.key) {
            // Sheets are printed before a URL starts.
            None | Some(RefusalReason::NotStarted) => codes.push(Printed {
                picture: format!("{place}/{}/qr.svg", key.key),
                url: signup_url::compose(&base, &key.key),
                label: key.label,
            }),
            reason => left_out.push(format!("{}: {}", key.key, state::label(reason))),
        }
    }
    let layout = Layout::new(&signed_in, "QR codes to print", place).warning(warnings);
    page(&SheetPage { layout, codes, left_out })
}
