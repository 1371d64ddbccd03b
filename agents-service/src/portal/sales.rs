//! The agent's own sales: a chart, totals by group, call plan, signup URL and campaign, refusals; and a CSV file.

use axum::http::header;
use axum::response::IntoResponse;
use web::http::Problem;

use crate::sales;
use crate::sales::api::no_sales;
use crate::sales::summary::GroupBy;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::sales_summary::{self, SalesPage, Shown};
use crate::ui::signed_in::Context;

const PLACE: &str = "/portal/sales";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).get("/portal/sales.csv", csv)
}

async fn show(Context(app, signed_in): Context) -> PageResult {
    let filter = sales_summary::own_month(&app.clock, signed_in.id);
    let by = |by, title, column, shown| sales_summary::totals(&app, &filter, by, title, column, shown);
    let (groups, plans, keys, campaigns, refusals, facts, chart) = tokio::try_join!(
        by(GroupBy::Group, "By group", "Group", Shown::Name),
        by(GroupBy::CallPlan, "By call plan", "Call plan", Shown::Name),
        by(GroupBy::Key, "By signup URL", "Signup key", Shown::Id),
        by(GroupBy::Campaign, "By campaign", "Campaign", Shown::Id),
        sales_summary::refusals(&app, &filter),
        sales_summary::sums(&app, &filter),
        sales_summary::chart(&app, &filter),
    )?;
    let blocks = vec![groups, plans, keys, campaigns, refusals];
    let layout = Layout::new(&signed_in, "Sales", PLACE).warning(app.doubt_about_sales().await?);
    let actions = vec![Action::new("Download CSV", "/portal/sales.csv")];
    page(&SalesPage { layout, actions, facts, chart, blocks, live: None })
}

/// The file has one line for each day: days of each signup URL would be too long, and spreadsheets need the sums.
async fn csv(Context(app, signed_in): Context) -> PageResult {
    // A file cannot show a warning.
    if let Some(doubt) = app.doubt_about_sales().await? {
        return Err(no_sales(doubt).into());
    }
    let filter =
        sales::summary::Filter { agent_id: Some(signed_in.id), for_agent: true, ..sales::summary::Filter::default() };
    let days = sales::summary::totals(app.database(), &filter, GroupBy::Day, sales::summary::MAX_TOTALS)
        .await
        .map_err(Problem::from)?;
    let lines = days.iter().map(|day| format!("{},{},{}\r\n", day.id, day.views, day.signups));
    let text = format!("day,views,signups\r\n{}", lines.collect::<String>());
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sales.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}
