use crate::grants;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::table::{Cell, ListPage, Table};

const PLACE: &str = "/portal/call-plans";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

async fn list(Context(app, signed_in): Context) -> PageResult {
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
    let columns = ["Call plan", "State", "Price", "Description", "Your signup URLs"];
    let table = Table::new("Call plans usable", columns, rows, "No call plans yet. Ask the operator for one.");
    let layout = Layout::new(&signed_in, "Call plans usable", PLACE);
    page(&ListPage { layout, actions: Vec::new(), filters: Vec::new(), table, next: None })
}
