//! The analysis over all agents, and cohorts.

use crate::ui::analysis::{self, View, cohorts};
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/analysis", show)
        .get("/analysis.csv", csv)
        .get("/analysis/cohorts", show_cohorts)
        .get("/analysis/cohorts.csv", cohorts_csv)
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    Box::pin(analysis::show(&app, &signed_in, View::of_operator(&signed_in), &query)).await
}

async fn csv(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    analysis::csv(&app, View::of_operator(&signed_in), &query).await
}

async fn show_cohorts(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    Box::pin(cohorts::show(&app, &signed_in, View::of_operator(&signed_in), &query)).await
}

async fn cohorts_csv(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    Box::pin(cohorts::csv(&app, View::of_operator(&signed_in), &query)).await
}
