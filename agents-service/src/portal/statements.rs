//! The agent's own statements.

use axum::extract::Path;
use axum::response::Response;
use web::http::Problem;

use crate::state::AppState;
use crate::statement_document::html::statement_page;
use crate::statement_document::render::{Format, Loaded};
use crate::statements::queries::{self, Filter};
use crate::ui;
use crate::ui::error_page::ErrorPage;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};

const PLACE: &str = "/portal/statements";

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/portal/statements.csv", list)
        .get("/portal/statements/{number}", show)
        .get("/portal/statements/{number}/{format}", file)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let filter = Filter { agent_id: Some(signed_in.id), after: query.parsed("after"), limit: query.limit() };
    let found = queries::list(app.database(), &filter).await.map_err(Problem::from)?;
    let none_yet = "No statements yet. The operator issues them.";
    let table = ui::statements::table(&found.items, PLACE, None, none_yet);
    let layout = Layout::new(&signed_in, "Statements", PLACE);
    Ok(ListPage::new(PLACE, layout, table, found.next))
}

/// Another agent's statement is not there for this one.
async fn own(app: &AppState, signed_in: &SignedIn, text: &str) -> Result<Loaded, Problem> {
    let number: u64 = text.parse().map_err(|_| Problem::not_found())?;
    let issued = queries::get(app.database(), number).await?;
    let issued = issued.filter(|issued| issued.event.agent_id == signed_in.id).ok_or_else(Problem::not_found)?;
    Loaded::of(app, issued).await
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let loaded = own(&app, &signed_in, &text).await?;
    let path = format!("{PLACE}/{}", loaded.issued.event.number);
    let layout = Layout::new(&signed_in, "Statement", PLACE);
    statement_page(&app, layout, loaded, &path, false, Vec::new()).await
}

async fn file(
    Context(app, signed_in): Context,
    Path((text, format)): Path<(String, String)>,
) -> Result<Response, ErrorPage> {
    let format: Format = format.parse().map_err(|()| Problem::not_found())?;
    Ok(own(&app, &signed_in, &text).await?.response(&app, format).await?)
}
