use event_store::has_words;
use event_store::search::{self, Found, ListQuery, SearchTerms};
use event_store::sql::{Database, Kind, Row, Sql, SqlError};
use uuid::Uuid;

use crate::call_plans::projection::WORDS;
use crate::call_plans::snapshot::{CallPlanSnapshot, State};
use crate::columns::opt_from_json;
use crate::life::Times;
use crate::paging::{Page, one_more};
use crate::sorting::{Sort, sorted};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub state: Option<State>,
    pub sort: Sort,
    pub after: Option<String>,
    pub limit: usize,
}

static GET: Sql = Sql::new("SELECT * FROM call_plans WHERE call_plan_id = $1");

macro_rules! list {
    ($among:literal, $limit:literal, $beyond:expr, $order:expr) => {
        Sql::rows(
            concat!(
                "SELECT * FROM call_plans p WHERE ", $among, $beyond, " AND ($4 IS NULL OR p.state = $4)",
                has_words!(5, ("p.call_plan_id", "call_plan_id" in "call_plan_words")),
                " ORDER BY ", $order, " LIMIT ", $limit
            ),
            &[("call_plan_id", Kind::Uuid)],
        )
    };
}

static ALL: [Sql; 4] = sorted!(list, "", "$1", ("p.position", "p.call_plan_id"), ("p.name_sorted", "p.call_plan_id"));
static AMONG: [Sql; 4] = sorted!(
    list,
    "p.call_plan_id {among} AND ",
    "$13",
    ("p.position", "p.call_plan_id"),
    ("p.name_sorted", "p.call_plan_id")
);

fn read(row: &Row) -> Result<CallPlanSnapshot, SqlError> {
    Ok(CallPlanSnapshot {
        id: row.uuid("call_plan_id")?,
        version: row.count("version")?,
        times: Times::read(row)?,
        name: row.text("name")?,
        description: row.text("description")?,
        price_text: row.text("price_text")?,
        commission: opt_from_json(row, "commission")?,
        state: row.parsed("state")?,
    })
}

pub async fn get(database: &Database, call_plan_id: Uuid) -> Result<Option<CallPlanSnapshot>, SqlError> {
    database.row(&GET, &[call_plan_id.into()]).await?.as_ref().map(read).transpose()
}

pub async fn query(database: &Database, filter: &Filter) -> Result<ListQuery, SqlError> {
    let found = match filter.search.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => search::find(database, &[&WORDS.find], |row| row.uuid("id"), &SearchTerms::text(text)).await?,
        None => Found::everything(),
    };
    let [value, id] = filter.sort.beyond(filter.after.as_deref());
    let mut values = vec![value, id, filter.state.map(State::as_str).into()];
    values.extend(found.rest);
    Ok(ListQuery::new(filter.sort.of([&ALL, &AMONG]), found.ids, values, one_more(filter.limit)))
}

/// A page of call plans.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<CallPlanSnapshot>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, filter.sort.cursor(row, "call_plan_id")?)));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}
