use axum::extract::State;

use crate::grants;
use crate::state::AppState;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, ListPage, Table};

const PLACE: &str = "/portal/call-plans";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

async fn list(State(app): State<AppState>, signed_in: SignedIn) -> PageResult {
    let found = grants::queries::list(app.database(), signed_in.id).await?.into_iter();
    let rows = found.map(|grant| {
        vec![
            Cell::text(grant.name),
            Cell::State(grant.state.as_str().to_owned()),
            Cell::text(grant.price_text),
            Cell::text(grant.description),
            Cell::number(grant.keys),
        ]
    });
    let table = Table {
        caption: "Call plans usable",
        columns: vec!["Call plan", "State", "Price", "Description", "Your signup URLs"],
        rows: rows.collect(),
        empty: "No call plans yet. Ask the operator for one.".to_owned(),
    };
    let layout = Layout::new(&signed_in, "Call plans usable", PLACE);
    page(&ListPage { layout, actions: Vec::new(), filters: Vec::new(), table, next: None })
}
