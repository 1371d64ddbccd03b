//! Figures of a period and cohorts, as JSON and as CSV. Money is for callers with the scope `money:read`.

use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use contract::zone::Zone;
use schemars::SchemaGenerator;
use web::http::query::Query;
use web::http::{Api, Caller, Holds, Operation, Parameter, Problem};

use crate::analysis::cohorts::{self, Cohorts, CohortsOf, MAX_MONTHS};
use crate::analysis::csv::{self, TableOf};
use crate::analysis::figures::Analysis;
use crate::analysis::period::{Period, Unit};
use crate::analysis::queries::{self, PageOf};
use crate::analysis::question::{GroupBy, Reader};
use crate::analysis::requests::Asked;
use crate::endpoint::{AFTER, ApiResult, LIMIT};
use crate::sales::api::source;
use crate::state::AppState;
use crate::{settings, signup_keys};

const AT_LEAST: Parameter = (
    "at_least",
    "Wait until this position is counted, such as signups:88 or agents:120; 503 when it takes too long",
    Holds::Pattern("^((agents|signups):)?[0-9]+$"),
);
const TABLE: Parameter =
    ("table", "As CSV: which table, signups when absent", Holds::Word(&["signups", "payments", "refusals"]));

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let summary = "Views, signups, refusals, payments and commission of a period, as JSON or, by Accept, as text/csv";
    let figures = Operation::new(Method::GET, "/api/v1/analysis", summary).scope("sales:read").query(&[
        ("by", "What a figure is of; agent when absent", Holds::Type(SchemaGenerator::subschema_for::<GroupBy>)),
        ("since", "The first day, such as 2026-01-31, where the company is", Holds::Day),
        ("until", "The last day; without days, the last 30", Holds::Day),
        (
            "period",
            "Instead of days",
            Holds::Word(&["today", "7_days", "30_days", "this_month", "last_month", "quarter", "year"]),
        ),
        ("compare", "true: with the period of the same length before it", Holds::Boolean),
        (
            "attribution",
            "placed, when absent: for who placed the customers; now: for who has their groups now",
            Holds::Word(&["placed", "now"]),
        ),
        (
            "sort",
            "What comes first; signups when absent",
            Holds::Word(&["signups", "payments", "received", "commission"]),
        ),
        ("agent_id", "Only figures of this agent", Holds::Id),
        ("call_plan_id", "Only figures of this call plan", Holds::Id),
        ("group_id", "Only figures of this group", Holds::Id),
        ("key", "Only figures of this key, in every spelling that its link accepts", Holds::Text),
        ("time_zone", ZONE, Holds::Text),
        ("campaign", "Only figures of this campaign", Holds::Text),
        ("country", "Only figures of customers in this country, such as DE", Holds::Pattern("^[A-Za-z]{2}$")),
        TABLE,
        LIMIT,
        AFTER,
        AT_LEAST,
    ]);
    let summary =
        "Customers by the month of their placement, and what they paid since, as JSON or, by Accept, as text/csv";
    let cohorts = Operation::new(Method::GET, "/api/v1/analysis/cohorts", summary).scope("sales:read").query(&[
        ("since", "The first month, such as 2026-01", Holds::Pattern(MONTH)),
        ("until", "The last month; without months, the last 12", Holds::Pattern(MONTH)),
        ("agent_id", "Only customers of this agent", Holds::Id),
        ("time_zone", ZONE, Holds::Text),
        AT_LEAST,
    ]);
    api.on(figures.sends(CSV).gives::<Analysis>(200), show).on(cohorts.sends(CSV).gives::<Cohorts>(200), show_cohorts)
}

const CSV: &[&str] = &["text/csv"];
const MONTH: &str = "^[0-9]{4}-[0-9]{2}$";
const ZONE: &str = "Whose days, weeks and months are meant, such as Asia/Kathmandu; without it, the company's";

fn reader(caller: &Caller) -> Reader {
    Reader { money: caller.may("money:read"), is_agent: false }
}

fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|line| line.split(',')).map(|range| range.split(';').next().unwrap_or_default());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/csv"))
}

/// A file to be stored, complete.
pub fn file(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}

/// Waits for a position of either log.
async fn wait(app: &AppState, query: &mut Query) -> Result<(), Problem> {
    let sales = source(app).await?;
    match query.text("at_least") {
        Some(text) if text.starts_with("agents:") => {
            let position = web::http::query::position_in("agents", &text);
            let Some(position) = position else {
                query.error("at_least", "invalid", "must be a position, such as agents:120");
                return Ok(());
            };
            web::http::query::wait_for(&app.directory, position, web::http::query::AT_LEAST_WAIT).await
        }
        Some(text) => {
            let Some(position) = web::http::query::position_in("signups", &text) else {
                query.error("at_least", "invalid", "must be a position, such as signups:88");
                return Ok(());
            };
            web::http::query::wait_for(sales, position, web::http::query::AT_LEAST_WAIT).await
        }
        None => Ok(()),
    }
}

async fn show(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    mut query: Query,
) -> ApiResult {
    wait(&app, &mut query).await?;
    let asked = Asked::of(|name| query.text(name));
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let (mut question, wrong) = asked.question(app.clock.now(), zone, reader(&caller), GroupBy::Agent);
    for (name, code, message) in &wrong {
        query.error(name, code, message);
    }
    let table = query.parsed::<TableOf>("table").unwrap_or(TableOf::Signups);
    let page = query.page();
    let after = page.after.map_or(Some(0), |text| text.parse().ok());
    if after.is_none() {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    query.finish()?;
    if let Some(key) = question.filter.key.take() {
        question.filter.key = Some(signup_keys::queries::stored(app.database(), key).await?);
    }
    if wants_csv(&headers) {
        if table == TableOf::Payments {
            caller.require("money:read")?;
        }
        let analysis = queries::analysis(app.database(), &question, PageOf::ALL).await?;
        return Ok(file(&format!("{}-by-{}", table.as_str(), question.by.as_str()), table.csv(&analysis)));
    }
    let page = PageOf { after: after.unwrap_or(0), limit: page.limit };
    Ok(Json(queries::analysis(app.database(), &question, page).await?).into_response())
}

async fn show_cohorts(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    mut query: Query,
) -> ApiResult {
    wait(&app, &mut query).await?;
    let zone = match query.text("time_zone").map(|name| Zone::named(&name)) {
        Some(Some(zone)) => zone,
        asked => {
            if asked.is_some() {
                query.error("time_zone", "unknown", "is not a time zone, such as Europe/Berlin");
            }
            settings::queries::get(app.database()).await?.zone()?
        }
    };
    let now = app.clock.now();
    let default = CohortsOf::last_months(zone.day(now).unwrap_or(now.day()));
    let period = months(&mut query, default);
    let agent_id = query.parsed("agent_id");
    query.finish()?;
    let of = CohortsOf { period, agent_id, zone, reader: reader(&caller) };
    let found = Box::pin(cohorts::cohorts(app.database(), &of)).await?;
    if wants_csv(&headers) {
        return Ok(file("cohorts", csv::cohorts(&found, of.reader.money)));
    }
    Ok(Json(found).into_response())
}

/// The asked months.
fn months(query: &mut Query, default: Period) -> Period {
    let mut month = |name: &str| {
        let text = query.text(name)?;
        let day = Some(format!("{text}-01")).filter(|_| text.len() == 7).and_then(|text| text.parse().ok());
        if day.is_none() {
            query.error(name, "invalid", "must be a month such as 2026-01");
        }
        day.map(|day| Unit::Month.around(day))
    };
    let (since, until) = (month("since"), month("until"));
    let last = until.unwrap_or(default).last;
    let period = Period { first: since.map_or(default.first.min(last), |month| month.first), last };
    let earliest = period.first.to_string();
    if period.first > period.last {
        query.error("until", "ends_before_start", "must not be before `since`");
    } else if period.parts(Unit::Month).len() > MAX_MONTHS || earliest.as_str() < "2000" {
        query.error("since", "out_of_range", "must be at most 120 months before `until`, from 2000 on");
    }
    period
}
