//! Signup URLs: search, add, show, copy, QR code, pause, resume, revoke. A URL is composed from the current settings
//! when it is shown.

pub mod add;
pub mod show;

use crate::back_office::unknown_keys;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_choice::agent_of_query;
use crate::ui::list::ListResult;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::signup_keys::list::KeyList;
use crate::ui::signup_keys::show::{qr_png, qr_svg};
use crate::ui::signup_keys::state_changes::{PAUSE, RESUME, REVOKE, confirm};
use crate::ui::signup_keys::{edit, several, sheet};

const PLACE: &str = "/signup-keys";

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/signup-keys.csv", list)
        .get("/signup-keys/new", add::new)
        .post("/signup-keys/new", add::add)
        .get("/signup-keys/sheet", sheet::sheet)
        .get("/signup-keys/{key}", show::show)
        .get("/signup-keys/{key}/qr.svg", qr_svg)
        .get("/signup-keys/{key}/qr.png", qr_png)
        .get("/signup-keys/several", several::ask)
        .post("/signup-keys/several", several::act)
        .get("/signup-keys/{key}/edit", edit::edit)
        .post("/signup-keys/{key}/edit", edit::change)
        .confirm("/signup-keys/{key}/pause", confirm(&PAUSE))
        .confirm("/signup-keys/{key}/resume", confirm(&RESUME))
        .confirm("/signup-keys/{key}/revoke", confirm(&REVOKE))
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (agent_id, warning) = agent_of_query(&app, &query).await?;
    let sheet = agent_id.filter(|id| !id.is_nil());
    let sheet = sheet.map(|id| Action::new("Print QR codes", format!("{PLACE}/sheet?agent_id={id}")));
    let unknown = Action::new("Unknown keys", unknown_keys::PLACE);
    let actions = sheet.into_iter().chain([unknown]).collect();
    let none_yet = "No signup URLs yet. Select an agent and add a URL key.";
    KeyList { agent_id, warning, none_yet, actions }.page(&app, &signed_in, query).await
}
