//! Signup URLs: search, add, show, copy, QR code, pause, resume, revoke. A URL is composed when shown, from the settings as
//! they are.

pub mod add;
pub mod show;
pub mod steps;

use std::collections::HashMap;

use axum::extract::State;
use shared::http::Problem;
use shared::key::candidates;
use uuid::Uuid;

use super::super::pages::page;
use super::super::pages::table::{Action, Cell, ListPage, Table, page_link};
use super::figures::conversion;
use super::{Answer, Asked, LIST_LIMIT, Office, Routes, SignedIn, frame, names};
use crate::domain::signup_url;
use crate::views::sales::{self, Figures};
use crate::views::settings;
use crate::views::signup_keys::{self, Filter, SignupKey, State as Stage};

const PLACE: &str = "/signup-keys";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(PLACE, list)
        .get("/signup-keys/new", add::new)
        .post("/signup-keys/new", add::add)
        .get("/signup-keys/sheet", show::sheet)
        .get("/signup-keys/{key}", show::show)
        .get("/signup-keys/{key}/qr.svg", show::qr_svg)
        .get("/signup-keys/{key}/qr.png", show::qr_png)
        .get("/signup-keys/{key}/{step}", steps::ask)
        .post("/signup-keys/{key}/{step}", steps::take)
}

/// Where the customer interface is, and what is wrong with that.
pub async fn base(office: &Office) -> Result<(String, Vec<String>), Problem> {
    let base = settings::get(office.database()).await?.customer_interface_url;
    let warnings = signup_url::warnings(&base);
    Ok((base, warnings))
}

/// The key that a text in a path means.
pub async fn find(office: &Office, text: &str) -> Result<SignupKey, Problem> {
    for candidate in candidates(text) {
        if let Some(key) = signup_keys::get(office.database(), candidate.as_str()).await? {
            return Ok(key);
        }
    }
    Err(Problem::not_found())
}

/// The figures of these keys, of one agent or whoever's they are.
pub async fn of_keys(
    office: &Office,
    agent_id: Option<Uuid>,
    keys: &[SignupKey],
) -> Result<HashMap<String, Figures>, Problem> {
    let keys: Vec<String> = keys.iter().map(|key| key.key.clone()).collect();
    Ok(sales::of_keys(office.database(), agent_id, &keys).await?)
}

fn filter(asked: &Asked) -> Filter {
    Filter {
        agent_id: asked.parsed("agent_id"),
        state: asked.parsed::<Stage>("state"),
        search: asked.text("search"),
        after: asked.parsed("after"),
        limit: LIST_LIMIT,
    }
}

async fn list(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let filter = filter(&asked);
    let (base, warnings) = base(&office).await?;
    let frame = frame(&signed_in, "Signup URLs", PLACE, &asked).warning(warnings);
    let entry = asked.entry();
    let agents = names::agents(&office).await?;
    let (plans, groups) = (names::call_plans(&office).await?, names::groups(&office, None).await?);
    let states = [("active", "Active"), ("paused", "Paused"), ("revoked", "Revoked")];
    let filters = vec![
        entry.typed("search", "Key, label or note"),
        entry.choice("agent_id", "Agent", Some("Any"), agents.clone()),
        entry.choice("state", "State", Some("Any"), states),
    ];
    let found = signup_keys::list(office.database(), &filter).await?;
    let known = of_keys(&office, None, &found.items).await?;
    let rows = found.items.into_iter().map(|key| {
        let figures = known.get(&key.key).copied().unwrap_or_default();
        vec![
            Cell::link(signup_url::compose(&base, &key.key), format!("{PLACE}/{}", key.key)),
            Cell::text(key.label),
            Cell::State(key.state.as_str().to_owned()),
            names::link("/agents", key.agent_id, &agents),
            names::link("/call-plans", key.call_plan_id, &plans),
            names::link("/groups", key.group_id, &groups),
            Cell::number(figures.views),
            Cell::number(figures.signups),
            conversion(figures.conversion()),
        ]
    });
    let table = Table {
        caption: "Signup URLs",
        columns: vec!["URL", "Label", "State", "Agent", "Call plan", "Group", "Views", "Signups", "Conversion"],
        rows: rows.collect(),
        empty: "No signup URL fits. Select an agent who wants one and add a URL key.".to_owned(),
    };
    let next = found.next.map(|after| page_link(PLACE, &filters, &after));
    let sheet = filter.agent_id.map(|id| Action::new("Print QR codes", format!("{PLACE}/sheet?agent_id={id}")));
    let actions = [Some(Action::new("Add URL key", "/signup-keys/new")), sheet].into_iter().flatten().collect();
    page(&ListPage { frame, actions, filters, table, next })
}
