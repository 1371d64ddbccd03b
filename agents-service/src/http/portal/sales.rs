//! The agent's own sales: a chart, totals by group, call plan, signup URL and campaign, refusals; and all of it as CSV.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use shared::http::Problem;

use super::{Asked, Office, Routes, SignedIn, frame};
use crate::http::pages::table::Action;
use crate::http::pages::{Answer, page};
use crate::http::parts::figures::{self, SalesPage};
use crate::http::parts::names;
use crate::views::sales::{self, By};

const PLACE: &str = "/portal/sales";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).get("/portal/sales.csv", csv)
}

async fn show(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let filter = figures::month(&office.clock, Some(signed_in.id));
    let groups = Some(("", names::groups(&office, Some(signed_in.id)).await?));
    let plans = Some(("", names::call_plans(&office).await?));
    let blocks = vec![
        figures::totals(&office, &filter, By::Group, ("By group", "Group"), groups).await?,
        figures::totals(&office, &filter, By::CallPlan, ("By call plan", "Call plan"), plans).await?,
        figures::totals(&office, &filter, By::Key, ("By signup URL", "Signup key"), None).await?,
        figures::totals(&office, &filter, By::Campaign, ("By campaign", "Campaign"), None).await?,
        figures::refusals(&office, &filter).await?,
    ];
    let frame = frame(&signed_in, "Sales", PLACE, &asked);
    let actions = vec![Action::new("Download CSV", "/portal/sales.csv")];
    let (facts, chart) = (figures::sums(&office, &filter).await?, figures::chart(&office, &filter).await?);
    page(&SalesPage { frame, actions, facts, chart, blocks, live: None })
}

/// Each day of each signup URL would be long; each day's sums are what a spreadsheet is wanted for.
async fn csv(State(office): State<Office>, signed_in: SignedIn) -> Answer {
    let filter = sales::Filter { agent_id: Some(signed_in.id), ..sales::Filter::default() };
    let days = sales::totals(office.database(), &filter, By::Day, sales::MAX_TOTALS).await.map_err(Problem::from)?;
    let lines = days.iter().map(|day| format!("{},{},{}\r\n", day.id, day.views, day.signups));
    let text = format!("day,views,signups\r\n{}", lines.collect::<String>());
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sales.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}
