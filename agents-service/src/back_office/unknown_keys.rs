//! The texts that visitors typed instead of a signup key: a misprinted or cut link appears here with the URL that was
//! probably meant.

use crate::sales::summary::Filter;
use crate::sales::unknown_keys;
use crate::state::AppState;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};

const KEYS: &str = "/signup-keys";
pub const PLACE: &str = "/unknown-keys";

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/unknown-keys.csv", list)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let after = query.text("after").as_deref().and_then(unknown_keys::cursor);
    let found = unknown_keys::list(app.database(), &Filter::default(), after, query.limit()).await?;
    let layout = Layout::new(&signed_in, "Unknown keys", KEYS).warning(app.doubt_about_sales().await?);
    let rows = found.items.into_iter().map(|unknown| {
        let nearest = unknown.nearest_key.map(|key| Cell::link(key.clone(), format!("{KEYS}/{key}")));
        vec![
            Cell::text(unknown.day),
            unknown.key.map_or_else(|| Cell::text("(several, or not shown)"), Cell::Code),
            Cell::number(unknown.count),
            nearest.unwrap_or_else(|| Cell::text("")),
        ]
    });
    let columns = ["Day (UTC)", "As it was typed", "Refusals", "Nearest signup URL"];
    let table = Table::new("Unknown keys", columns, rows, "Nobody has followed a link with an unknown key.");
    Ok(ListPage::new(PLACE, layout, table, found.next))
}
