use crate::groups;
use crate::groups::queries::Filter;
use crate::state::AppState;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/portal/groups";

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/portal/groups.csv", list)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (agent_id, order, after) = (Some(signed_in.id), query.order(), query.parsed("after"));
    let filter = Filter { agent_id, order, after, limit: query.limit(), ..Filter::default() };
    let found = groups::queries::list(app.database(), &filter).await?;
    let rows = found.items.into_iter().map(|group| vec![Cell::text(group.name), Cell::text(group.description)]);
    let columns = ["Group", "Description"];
    let empty = "No customer group belongs to you yet. Please ask the operator for one.";
    let table = Table::new("Customer groups", columns, rows, empty);
    let layout = Layout::new(&signed_in, "Customer groups", PLACE);
    Ok(ListPage::new(PLACE, layout, table, found.next))
}
