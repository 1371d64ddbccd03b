//! Webhooks: the endpoints that events are sent to, one of them with its attempts, and what can be done with it.

mod edit;
mod secret;
mod show;
mod steps;

use contract::events::webhooks::WebhookLog;
use uuid::Uuid;
use web::http::Problem;

use crate::endpoint::id;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::notice::Notice;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};
use crate::webhooks::queries::{self, WebhookItem};

const PLACE: &str = "/webhooks";
const REMOVED: Notice = Notice { code: "removed", text: "The endpoint is removed." };
/// The logs, as forms name them.
const LOGS: [(&str, &str); 2] = [("agents", "Agents service"), ("signups", "Signup service")];

pub fn routes(routes: Routes) -> Routes {
    let routes = routes.list(PLACE, "/webhooks.csv", list);
    steps::routes(secret::routes(edit::routes(show::routes(routes))))
}

fn path(endpoint_id: Uuid) -> String {
    format!("{PLACE}/{endpoint_id}")
}

fn label(log: WebhookLog) -> &'static str {
    match log {
        WebhookLog::Agents => "Agents service",
        WebhookLog::Signups => "Signup service",
    }
}

fn labels(logs: &[WebhookLog]) -> String {
    logs.iter().map(|log| label(*log)).collect::<Vec<_>>().join(", ")
}

async fn find(app: &AppState, text: &str) -> Result<WebhookItem, Problem> {
    queries::get(app.database(), id(text)?, app.clock.now()).await?.ok_or_else(Problem::not_found)
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
