use crate::groups;
use crate::groups::queries::Filter;
use crate::ui::form::PageQuery;
use crate::ui::layout::Layout;
use crate::ui::page::{LIST_LIMIT, PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::table::{Cell, ListPage, Table, page_link};

const PLACE: &str = "/portal/groups";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

async fn list(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let filter = Filter { agent_id: Some(signed_in.id), after: query.parsed("after"), limit: LIST_LIMIT };
    let found = groups::queries::list(app.database(), &filter).await?;
    let rows = found.items.into_iter().map(|group| vec![Cell::text(group.name), Cell::text(group.description)]);
    let columns = ["Group", "Description"];
    let empty = "No customer group belongs to you yet. Please ask the operator for one.";
    let table = Table::new("Customer groups", columns, rows, empty);
    let layout = Layout::new(&signed_in, "Customer groups", PLACE);
    let next = found.next.map(|after| page_link(PLACE, &[], &after));
    page(&ListPage { layout, actions: Vec::new(), filters: Vec::new(), table, next })
}
