//! Signup URLs: search, add, show, copy, QR code, pause, resume, revoke. A URL is composed when shown, from the settings as
//! they are.

pub mod add;
pub mod show;

use axum::extract::State;
use uuid::Uuid;

use super::super::pages::page;
use super::super::pages::table::{Action, Cell, ListPage, Table, page_link};
use super::super::parts::agent_choice::{self, agent_of_query};
use super::super::parts::figures::conversion;
use super::super::parts::labels::Labels;
use super::super::parts::signup_keys::show::{qr_png, qr_svg};
use super::super::parts::signup_keys::state::{self, Reasons};
use super::super::parts::signup_keys::{base, of_keys, steps};
use super::{AppState, LIST_LIMIT, PageQuery, PageResult, Routes, SignedIn, layout, unknown_keys};
use crate::domain::signup_url;
use crate::projections::signup_keys::{self, Filter};
use crate::signup_keys::snapshot::State as KeyState;

const PLACE: &str = "/signup-keys";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(PLACE, list)
        .get("/signup-keys/new", add::new)
        .post("/signup-keys/new", add::add)
        .get("/signup-keys/sheet", show::sheet)
        .get("/signup-keys/{key}", show::show)
        .get("/signup-keys/{key}/qr.svg", qr_svg)
        .get("/signup-keys/{key}/qr.png", qr_png)
        .get("/signup-keys/{key}/{step}", steps::confirm_action)
        .post("/signup-keys/{key}/{step}", steps::submit_action)
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
    let layout = layout(&signed_in, "Signup URLs", PLACE, &query).warning(warnings).warning(unclear);
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
    let found = signup_keys::list(app.database(), &filter).await?;
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
