//! The texts that visitors typed instead of a signup key: a misprinted or cut link appears here with the URL that was
//! probably meant.

use crate::sales::summary::Filter;
use crate::sales::unknown_keys;
use crate::ui::form::PageQuery;
use crate::ui::layout::Layout;
use crate::ui::page::{LIST_LIMIT, PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::table::{Cell, ListPage, Table, page_link};

const KEYS: &str = "/signup-keys";
pub const PLACE: &str = "/unknown-keys";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

async fn list(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let after = query.text("after").as_deref().and_then(unknown_keys::cursor);
    let found = unknown_keys::list(app.database(), &Filter::default(), after, LIST_LIMIT).await?;
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
    let next = found.next.map(|after| page_link(PLACE, &[], &after));
    page(&ListPage { layout, actions: Vec::new(), filters: Vec::new(), table, next })
}
