//! Sales and placements, from the signups' log. `at_least` is a position of that log here.

use std::future::ready;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use event_store::projections::Checkpoint;
use schemars::JsonSchema;
use serde::Serialize;
use web::http::query::Query;
use web::http::{Api, Holds, Operation, Parameter, Problem};

use crate::endpoint::{AFTER, ApiResult, LIMIT, NEWEST_FIRST, id, newest_first, position_cursor};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::sales;
use crate::sales::placements::{self, FEWEST_DIGITS, Placement, PlacementFilter};
use crate::sales::summary::{Figures, Filter, GroupBy, Refusals, Total};
use crate::sales::unknown_keys::{self, UnknownKey};
use crate::signup_keys;
use crate::state::AppState;

const AT_LEAST: Parameter = (
    "at_least",
    "Wait until this position is shown, such as signups:88; 503 when it takes too long",
    Holds::Pattern("^(signups:)?[0-9]+$"),
);
const SINCE: Parameter = ("since", "The first day, such as 2026-01-31 (UTC)", Holds::Day);
const UNTIL: Parameter = ("until", "The last day", Holds::Day);
const BY: [&str; 6] = ["agent", "call_plan", "group", "key", "day", "campaign"];

/// Sales figures.
#[derive(Serialize, JsonSchema)]
struct SalesAnswer {
    /// Those with the most signups first; days in their own order.
    items: Vec<Total>,
    /// All of it added up, not only what is listed.
    total: Figures,
    /// Why signups were refused.
    refusals: Vec<Refusals>,
}

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let figures =
        Operation::new(Method::GET, "/api/v1/sales", "Views, signups and refusals").scope("sales:read").query(&[
            ("by", "What a figure is of, agent when absent; campaigns know of signups only", Holds::Word(&BY)),
            ("agent_id", "Only the figures of this agent", Holds::Id),
            SINCE,
            UNTIL,
            LIMIT,
            AT_LEAST,
        ]);
    let listing = Operation::new(Method::GET, "/api/v1/placements", "List placements, newest first")
        .scope("sales:read")
        .query(&[
            ("agent_id", "Only the placements with this agent", Holds::Id),
            ("group_id", "Only the placements in this group", Holds::Id),
            ("key", "Only the placements through this key, in every spelling that its link accepts", Holds::Text),
            ("number", "Only customer numbers that begin with these digits", Holds::Pattern("^[0-9]{4,}$")),
            NEWEST_FIRST,
            LIMIT,
            COUNT,
            AFTER,
            AT_LEAST,
        ]);
    let unknown =
        Operation::new(Method::GET, "/api/v1/unknown-keys", "List what was typed where a key belongs, by day")
            .scope("sales:read")
            .query(&[SINCE, UNTIL, LIMIT, AFTER, AT_LEAST]);
    let one = Operation::new(Method::GET, "/api/v1/placements/{customer_id}", "Show the placement of a customer");
    api.on(figures.gives::<SalesAnswer>(200), totals)
        .on(unknown.gives::<Page<UnknownKey>>(200), list_unknown_keys)
        .on(listing.gives::<Page<Placement>>(200), list)
        .on(one.scope("sales:read").query(&[AT_LEAST]).gives::<Placement>(200), show)
}

async fn totals(State(app): State<AppState>, mut query: Query) -> Result<Json<SalesAnswer>, Problem> {
    wait(&app, &mut query).await?;
    let by = match query.one_of("by", &BY) {
        Some("call_plan") => GroupBy::CallPlan,
        Some("group") => GroupBy::Group,
        Some("key") => GroupBy::Key,
        Some("day") => GroupBy::Day,
        Some("campaign") => GroupBy::Campaign,
        _ => GroupBy::Agent,
    };
    let filter = Filter { agent_id: query.parsed("agent_id"), ..days(&mut query) };
    let limit = query.page().limit;
    query.finish()?;
    let database = app.database();
    Ok(Json(SalesAnswer {
        items: sales::summary::totals(database, &filter, by, limit).await?,
        total: sales::summary::sum(database, &filter).await?,
        refusals: sales::summary::refusals(database, &filter).await?,
    }))
}

/// The requested days.
fn days(query: &mut Query) -> Filter {
    let filter = Filter { since_day: query.parsed("since"), until_day: query.parsed("until"), ..Filter::default() };
    if filter.since_day.zip(filter.until_day).is_some_and(|(since, until)| since > until) {
        query.error("until", "ends_before_start", "must not be before `since`");
    }
    filter
}

async fn list_unknown_keys(State(app): State<AppState>, mut query: Query) -> Result<Json<Page<UnknownKey>>, Problem> {
    wait(&app, &mut query).await?;
    let (filter, page) = (days(&mut query), query.page());
    let after = page.after.as_deref().map(unknown_keys::cursor);
    if after == Some(None) {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    query.finish()?;
    Ok(Json(unknown_keys::list(app.database(), &filter, after.flatten(), page.limit).await?))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    wait(&app, &mut query).await?;
    let page = query.page();
    let filter = PlacementFilter {
        agent_id: query.parsed("agent_id"),
        group_id: query.parsed("group_id"),
        key: match query.text("key") {
            Some(text) => Some(signup_keys::queries::stored(app.database(), text).await?),
            None => None,
        },
        number_prefix: number(&mut query),
        order: newest_first(&mut query),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = placements::placements(app.database(), &filter).await?;
    let whole = PlacementFilter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, ready(Ok(placements::placements_query(&whole)))).await
}

/// The beginning of a customer number; very short ones would match too many.
fn number(query: &mut Query) -> Option<String> {
    let number = query.text("number")?;
    if number.len() < FEWEST_DIGITS || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        query.error("number", "invalid", "must be 4 or more digits");
    }
    Some(number)
}

async fn show(
    State(app): State<AppState>,
    Path(customer_id): Path<String>,
    mut query: Query,
) -> Result<Json<Placement>, Problem> {
    wait(&app, &mut query).await?;
    query.finish()?;
    let placement = placements::placement(app.database(), None, id(&customer_id)?).await?;
    placement.map(Json).ok_or_else(Problem::not_found)
}

/// Takes `at_least` and waits for it.
async fn wait(app: &AppState, query: &mut Query) -> Result<(), Problem> {
    let sales = source(app).await?;
    query.at_least("signups", sales, None).await
}

/// How far the signups' log is followed. Fails where none is configured, since zeros would be wrong.
pub async fn source(app: &AppState) -> Result<&Checkpoint, Problem> {
    let Some(sales) = &app.sales else {
        let detail =
            "This service was not told where the signups are: SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN say it.";
        return Err(no_sales(detail));
    };
    if let Some(doubt) = app.doubt_about_sales().await? {
        return Err(no_sales(doubt));
    }
    Ok(sales)
}

/// The problem of a request for sales where no signups' log is configured.
pub fn no_sales(detail: &'static str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-sales", "There are no sales figures", detail)
}
