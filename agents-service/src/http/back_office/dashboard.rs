//! The first page: what there is, what has to be mended, and whether the log is followed.

use axum::extract::State;

use super::super::pages::page;
use super::super::pages::table::{Action, Cell, ShowPage};
use super::{Answer, Asked, Office, Routes, SignedIn, frame};
use crate::domain::signup_url;
use crate::views::settings;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/", show)
}

async fn show(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let url = settings::get(office.database()).await?.customer_interface_url;
    let frame = frame(&signed_in, "Dashboard", "/", &asked).warning(signup_url::warnings(&url));
    let head = office.log.head().await?.position;
    let (followed, _) = office.directory.read().await?;
    let facts = vec![
        ("Events in the agents' log", Cell::text(head.to_string())),
        ("Not yet shown in lists", Cell::text(head.saturating_sub(followed).to_string())),
        ("Customer Interface URL", Cell::link(url, "/settings")),
    ];
    let actions = vec![Action::new("Add agent", "/agents/new"), Action::new("Add URL key", "/signup-keys/new")];
    page(&ShowPage { frame, state: None, actions, facts, on: None, blocks: Vec::new() })
}
