use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};
use crate::webhooks::queries;

use super::place::{PLACE, labels, path};
use super::steps::REMOVED;

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/webhooks.csv", list)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let found = queries::list(app.database(), query.parsed("after"), query.limit(), app.clock.now()).await?;
    let rows = found.items.into_iter().map(|endpoint| {
        let is_failing = endpoint.cursors.iter().any(|cursor| cursor.attempts > 0 || cursor.fault.is_some());
        let attempted_at = endpoint.cursors.iter().filter_map(|cursor| cursor.attempted_at).max();
        vec![
            Cell::link(endpoint.host, path(endpoint.id)),
            Cell::State(endpoint.state.as_str().to_owned()),
            Cell::text(endpoint.description),
            Cell::text(labels(&endpoint.logs)),
            Cell::text(if is_failing { "failing" } else { "" }),
            attempted_at.map_or(Cell::text(""), Cell::ago),
        ]
    });
    let columns = ["Host", "State", "Description", "Logs", "Health", "Last attempt"];
    let empty = "No endpoints yet. Add one to send events to another system as they happen.";
    let table = Table::new("Webhooks", columns, rows, empty);
    let layout = Layout::new(&signed_in, "Webhooks", PLACE).noticing(&query, &[REMOVED]);
    let actions = vec![Action::new("Add endpoint", "/webhooks/new")];
    Ok(ListPage { actions, ..ListPage::new(PLACE, layout, table, found.next) })
}
