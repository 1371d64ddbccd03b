//! The agent's own sales: figures of a period, cohorts, and each table as CSV. Payments and commission are for agents with that
//! permission.

use crate::ui::analysis::{self, View, cohorts};
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/portal/sales", show)
        .get("/portal/sales.csv", csv)
        .get("/portal/sales/cohorts", show_cohorts)
        .get("/portal/sales/cohorts.csv", cohorts_csv)
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    Box::pin(analysis::show(&app, &signed_in, View::of_agent(&signed_in), &query)).await
}

async fn csv(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    analysis::csv(&app, View::of_agent(&signed_in), &query).await
}

async fn show_cohorts(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    Box::pin(cohorts::show(&app, &signed_in, View::of_agent(&signed_in), &query)).await
}

async fn cohorts_csv(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    Box::pin(cohorts::csv(&app, View::of_agent(&signed_in), &query)).await
}
