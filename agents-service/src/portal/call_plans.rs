use crate::grants;
use crate::state::AppState;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/portal/call-plans";

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/portal/call-plans.csv", list)
}

async fn list(app: AppState, signed_in: SignedIn, _: PageQuery) -> ListResult {
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
    Ok(ListPage::new(PLACE, layout, table, None))
}
