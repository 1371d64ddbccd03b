use event_store::has_words;
use event_store::search::{self, Found, ListQuery, SearchTerms};
use event_store::sql::{Database, Kind, Row, Sql, SqlError};
use uuid::Uuid;

use crate::call_plans::projection::WORDS;
use crate::call_plans::snapshot::{CallPlanSnapshot, State};
use crate::columns::opt_from_json;
use crate::paging::{Order, Page, one_more};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub state: Option<State>,
    pub order: Order,
    pub after: Option<u64>,
    pub limit: usize,
}

static GET: Sql = Sql::new("SELECT * FROM call_plans WHERE call_plan_id = $1");

macro_rules! lists {
    ($among:literal, $limit:literal) => {
        [list!($among, $limit, ">", ""), list!($among, $limit, "<", " DESC")]
    };
}
macro_rules! list {
    ($among:literal, $limit:literal, $beyond:literal, $order:literal) => {
        Sql::rows(
            concat!(
                "SELECT * FROM call_plans p WHERE ",
                $among,
                "position ",
                $beyond,
                " $2 AND ($3 IS NULL OR state = $3)",
                has_words!(4, ("p.call_plan_id", "call_plan_id" in "call_plan_words")),
                " ORDER BY position",
                $order,
                " LIMIT ",
                $limit
            ),
            &[("call_plan_id", Kind::Uuid)],
        )
    };
}

static LIST: [Sql; 2] = lists!("", "$1");
static AMONG: [Sql; 2] = lists!("call_plan_id {among} AND ", "$12");

fn read(row: &Row) -> Result<CallPlanSnapshot, SqlError> {
    Ok(CallPlanSnapshot {
        id: row.uuid("call_plan_id")?,
        version: row.count("version")?,
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
    let mut values = vec![filter.order.beyond(filter.after).into(), filter.state.map(State::as_str).into()];
    values.extend(found.rest);
    Ok(ListQuery::new(filter.order.of([&LIST, &AMONG]), found.ids, values, one_more(filter.limit)))
}

/// A page of call plans.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<CallPlanSnapshot>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}
