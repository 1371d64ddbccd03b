//! Signup URLs: search, add, show, copy, QR code, pause, resume, revoke. A URL is composed from the current settings
//! when it is shown.

pub mod add;
pub mod show;

use axum::extract::State;
use uuid::Uuid;

use crate::back_office::unknown_keys;
use crate::settings::signup_url;
use crate::signup_keys;
use crate::signup_keys::queries::Filter;
use crate::signup_keys::snapshot::State as KeyState;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_choice::{self, agent_of_query};
use crate::ui::form::PageQuery;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::page::{LIST_LIMIT, PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::sales_summary::conversion;
use crate::ui::signed_in::SignedIn;
use crate::ui::signup_keys::show::{qr_png, qr_svg};
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::state_changes::{PAUSE, RESUME, REVOKE, apply, confirm};
use crate::ui::signup_keys::{base, of_keys};
use crate::ui::table::{Cell, ListPage, Table, page_link};

const PLACE: &str = "/signup-keys";

pub fn routes(routes: Routes) -> Routes {
    routes
        .get(PLACE, list)
        .get("/signup-keys/new", add::new)
        .post("/signup-keys/new", add::add)
        .get("/signup-keys/sheet", show::sheet)
        .get("/signup-keys/{key}", show::show)
        .get("/signup-keys/{key}/qr.svg", qr_svg)
        .get("/signup-keys/{key}/qr.png", qr_png)
        .get("/signup-keys/{key}/pause", confirm(&PAUSE))
        .post("/signup-keys/{key}/pause", apply(&PAUSE))
        .get("/signup-keys/{key}/resume", confirm(&RESUME))
        .post("/signup-keys/{key}/resume", apply(&RESUME))
        .get("/signup-keys/{key}/revoke", confirm(&REVOKE))
        .post("/signup-keys/{key}/revoke", apply(&REVOKE))
}

fn filter(app: &AppState, query: &PageQuery, agent_id: Option<Uuid>) -> Filter {
    Filter {
        agent_id,
        state: query.parsed::<KeyState>("state"),
        usable: state::filter(app, query),
        search: query.text("search"),
        after: query.parsed("after"),
        limit: LIST_LIMIT,
    }
}

async fn list(State(app): State<AppState>, signed_in: SignedIn, query: PageQuery) -> PageResult {
    let (agent_id, unclear) = agent_of_query(&app, &query).await?;
    let filter = filter(&app, &query, agent_id);
    let (base, warnings) = base(&app, &signed_in).await?;
    let layout = Layout::new(&signed_in, "Signup URLs", PLACE).warning(warnings).warning(unclear);
    let empty =
        query.empty_text("No signup URLs match your search.", "No signup URLs yet. Select an agent and add a URL key.");
    let data = query.data();
    let states = [("active", "Active"), ("paused", "Paused"), ("revoked", "Revoked")];
    let filters = vec![
        data.typed("search", "URL, key, label or note"),
        agent_choice::input(&app, &data, "Agent", "Any").await?,
        data.choice("state", "State", Some("Any"), states),
        state::filter_input(&data),
    ];
    let found = signup_keys::queries::list(app.database(), &filter).await?;
    let ids = found.items.iter().flat_map(|key| [key.agent_id, key.call_plan_id, key.group_id]);
    let names = Labels::get(&app, None, ids).await?;
    let known = of_keys(&app, &signed_in, &found.items).await?;
    let reasons = Reasons::of(&app, &found.items).await?;
    let rows = found.items.into_iter().map(|key| {
        let figures = known.get(&key.key).copied().unwrap_or_default();
        vec![
            Cell::link(signup_url::compose(&base, &key.key), format!("{PLACE}/{}", key.key)),
            Cell::text(key.label),
            reasons.cell(&key.key),
            names.link("/agents", key.agent_id),
            names.link("/call-plans", key.call_plan_id),
            names.link("/groups", key.group_id),
            Cell::number(figures.views),
            Cell::number(figures.signups),
            conversion(figures.conversion()),
        ]
    });
    let table = Table {
        caption: "Signup URLs",
        columns: vec!["URL", "Label", "State", "Agent", "Call plan", "Group", "Views", "Signups", "Conversion"],
        rows: rows.collect(),
        empty,
    };
    let next = found.next.map(|after| page_link(PLACE, &filters, &after));
    let sheet = filter
        .agent_id
        .filter(|id| !id.is_nil())
        .map(|id| Action::new("Print QR codes", format!("{PLACE}/sheet?agent_id={id}")));
    let unknown = Action::new("Unknown keys", unknown_keys::PLACE);
    let actions =
        [Some(Action::new("Add URL key", "/signup-keys/new")), sheet, Some(unknown)].into_iter().flatten().collect();
    page(&ListPage { layout, actions, filters, table, next })
}
