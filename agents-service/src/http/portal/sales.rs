//! The agent's own sales: a chart, totals by group, call plan, signup URL and campaign, refusals; and all of it as CSV.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use web::http::Problem;

use super::{AppState, PageQuery, Routes, SignedIn, layout};
use crate::http::no_sales;
use crate::http::pages::table::Action;
use crate::http::pages::{PageResult, page};
use crate::http::parts::figures::{self, SalesPage, Shown};
use crate::projections::sales::{self, GroupBy};

const PLACE: &str = "/portal/sales";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).get("/portal/sales.csv", csv)
}

async fn show(State(app): State<AppState>, signed_in: SignedIn, query: PageQuery) -> PageResult {
    let filter = figures::own_month(&app.clock, signed_in.id);
    let by = |by, titles, shown| figures::totals(&app, &filter, by, titles, shown);
    let (groups, plans, keys, campaigns, refusals, facts, chart) = tokio::try_join!(
        by(GroupBy::Group, ("By group", "Group"), Shown::Name),
        by(GroupBy::CallPlan, ("By call plan", "Call plan"), Shown::Name),
        by(GroupBy::Key, ("By signup URL", "Signup key"), Shown::Id),
        by(GroupBy::Campaign, ("By campaign", "Campaign"), Shown::Id),
        figures::refusals(&app, &filter),
        figures::sums(&app, &filter),
        figures::chart(&app, &filter),
    )?;
    let blocks = vec![groups, plans, keys, campaigns, refusals];
    let layout = layout(&signed_in, "Sales", PLACE, &query).warning(app.doubt_about_sales().await?);
    let actions = vec![Action::new("Download CSV", "/portal/sales.csv")];
    page(&SalesPage { layout, actions, facts, chart, blocks, live: None })
}

/// Each day of each signup URL would be long; each day's sums are what a spreadsheet is wanted for.
async fn csv(State(app): State<AppState>, signed_in: SignedIn) -> PageResult {
    // A file keeps no warning.
    if let Some(doubt) = app.doubt_about_sales().await? {
        return Err(no_sales(doubt).into());
    }
    let filter = sales::Filter { agent_id: Some(signed_in.id), for_agent: true, ..sales::Filter::default() };
    let days = sales::totals(app.database(), &filter, GroupBy::Day, sales::MAX_TOTALS).await.map_err(Problem::from)?;
    let lines = days.iter().map(|day| format!("{},{},{}\r\n", day.id, day.views, day.signups));
    let text = format!("day,views,signups\r\n{}", lines.collect::<String>());
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sales.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}
