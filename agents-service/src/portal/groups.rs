use crate::groups;
use crate::groups::queries::Filter;
use crate::sorting::Sort;
use crate::state::AppState;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::sorting::{SortedBy, by_name, by_time};
use crate::ui::table::{Cell, Table};

const SORTED: SortedBy = SortedBy { columns: &[by_name("Group"), by_time("Added")], otherwise: "-created" };
const PLACE: &str = "/portal/groups";

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/portal/groups.csv", list)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (sort, after) = query.sort(Sort::NEWEST_FIRST);
    let filter = Filter { agent_id: Some(signed_in.id), sort, after, limit: query.limit(), ..Filter::default() };
    let found = groups::queries::list(app.database(), &filter).await?;
    let rows = found
        .items
        .into_iter()
        .map(|group| vec![Cell::text(group.name), Cell::text(group.description), Cell::moment(group.times.created_at)]);
    let columns = ["Group", "Description", "Added"];
    let empty = "No customer group belongs to you yet. Please ask the operator for one.";
    let table = Table::new("Customer groups", columns, rows, empty);
    let layout = Layout::new(&signed_in, "Customer groups", PLACE);
    Ok(ListPage { sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}
