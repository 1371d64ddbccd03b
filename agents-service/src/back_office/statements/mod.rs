//! Statements: the list, issuing one or those of a period, and each with its files.

pub mod all;
pub mod issue;
pub mod show;

use std::future::ready;

use web::http::Problem;

use crate::state::AppState;
use crate::statements::queries::{self, Filter};
use crate::ui;
use crate::ui::action::Action;
use crate::ui::agent_choice::{self, agent_of_query};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;

const PLACE: &str = "/statements";
/// What issuing needs.
const ISSUE: &str = "statements:issue";

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/statements.csv", list)
        .get("/statements/new", issue::ask)
        .post("/statements/new", issue::issue)
        .get("/statements/batch", all::ask)
        .post("/statements/batch", all::issue)
        .get("/statements/{number}", show::show)
        .confirm("/statements/{number}/correct", show::correct)
        .get("/statements/{number}/{format}", show::file)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (agent_id, warning) = agent_of_query(&app, &query).await?;
    let filter = Filter { agent_id, after: query.parsed("after"), limit: query.limit() };
    let found = queries::list(app.database(), &filter).await.map_err(Problem::from)?;
    let names = Labels::get(&app, None, found.items.iter().map(|item| item.statement.agent_id)).await?;
    let none_yet = "No statements yet. Issue one for an agent, or those of a period for all.";
    let empty = query.empty_text("No statements match.", none_yet);
    let data = query.data();
    let filters = vec![agent_choice::input(&app, &data, "Agent", "Any").await?];
    let table = ui::statements::table(&found.items, PLACE, Some(&|id| names.link("/agents", id)), &empty);
    let actions = if signed_in.holds(ISSUE) {
        vec![
            Action::new("Issue a statement", "/statements/new"),
            Action::new("Issue for a period", "/statements/batch"),
        ]
    } else {
        Vec::new()
    };
    let layout = Layout::new(&signed_in, "Statements", PLACE).warning(warning);
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), ready(Ok(whole.query()))).await?;
    Ok(ListPage { actions, filters, total, ..ListPage::new(PLACE, layout, table, found.next) })
}
