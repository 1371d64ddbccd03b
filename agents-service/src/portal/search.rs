//! The agent's search: their own signup URLs and the numbers of their customers, as far as their screens go.

use contract::events::agents::Permission;
use web::http::Problem;

use crate::paging::Order;
use crate::sales::placements::{self, PlacementFilter};
use crate::settings::{self, signup_url};
use crate::signup_keys;
use crate::state::AppState;
use crate::ui::layout::Layout;
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::search::{Found, MOST_OF_A_KIND, search_page, searched};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::state::Reasons;
use crate::ui::table::Cell;

pub const PLACE: &str = "/portal/search";
const HINT: &str = "Signup URL or key, label, or customer number";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, search)
}

async fn search(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let text = searched(query.text("q"));
    let mut found = Vec::new();
    if !text.is_empty() && signed_in.may(Permission::SignupUrls) {
        found.push(signup_keys(&app, &signed_in, &text).await?);
    }
    if !text.is_empty() && signed_in.may(Permission::Customers) {
        found.push(customers(&app, &signed_in, &text).await?);
    }
    search_page(Layout::new(&signed_in, "Search", PLACE), text, HINT, found)
}

async fn signup_keys(app: &AppState, signed_in: &SignedIn, text: &str) -> Result<Found, Problem> {
    let search = Some(text.to_owned());
    let agent_id = Some(signed_in.id);
    let filter = signup_keys::queries::Filter { agent_id, search, limit: MOST_OF_A_KIND, ..Default::default() };
    let page = signup_keys::queries::list(app.database(), &filter).await?;
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let reasons = Reasons::of(app, &page.items).await?;
    let rows = page.items.into_iter().map(|key| {
        let url = Cell::link(signup_url::compose(&base, &key.key), format!("/portal/signup-keys/{}", key.key));
        vec![url, Cell::text(key.label), reasons.cell(&key.key)]
    });
    let list = ("/portal/signup-keys", page.next.is_some());
    Ok(Found::new("Signup URLs", ["URL", "Label", "State"], rows, list, text))
}

async fn customers(app: &AppState, signed_in: &SignedIn, text: &str) -> Result<Found, Problem> {
    let (agent_id, number_prefix) = (Some(signed_in.id), Some(text.to_owned()));
    let filter = PlacementFilter {
        agent_id,
        number_prefix,
        order: Order::Descending,
        limit: MOST_OF_A_KIND,
        ..PlacementFilter::default()
    };
    let page = placements::placements(app.database(), &filter).await?;
    let rows = page.items.into_iter().map(|placement| {
        let list = format!("/portal/customers?search={}", placement.customer_number);
        vec![
            Cell::link(placement.customer_number, list),
            Cell::text(placement.call_plan_name),
            Cell::moment(placement.placed_at),
        ]
    });
    let list = ("/portal/customers", page.next.is_some());
    Ok(Found::new("Customers", ["Number", "Call plan", "Since"], rows, list, text))
}
