use event_store::has_words;
use event_store::search::{self, Found, ListQuery, SearchTerms};
use event_store::sql::{Database, Kind, Row, Sql, SqlError};
use uuid::Uuid;

use crate::columns::from_json;
use crate::groups::projection::WORDS;
use crate::groups::snapshot::GroupSnapshot;
use crate::paging::{Order, Page, one_more};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    /// The beginnings of words of name and description.
    pub search: Option<String>,
    pub order: Order,
    pub after: Option<u64>,
    pub limit: usize,
}

static GET: Sql = Sql::new("SELECT * FROM customer_groups WHERE group_id = $1");

macro_rules! lists {
    ($begin:literal, $limit:literal) => {
        [list!($begin, $limit, ">", ""), list!($begin, $limit, "<", " DESC")]
    };
}
macro_rules! list {
    ($begin:literal, $limit:literal, $beyond:literal, $order:literal) => {
        Sql::rows(
            concat!(
                "SELECT * FROM customer_groups c WHERE ", $begin, "c.position ", $beyond, " $2 AND ($3 IS NULL OR c.agent_id = $3)",
                has_words!(4, ("c.group_id", "group_id" in "group_words")),
                " ORDER BY c.position", $order, " LIMIT ", $limit
            ),
            &[("group_id", Kind::Uuid)],
        )
    };
}

static ALL: [Sql; 2] = lists!("", "$1");
static OF_AGENT: [Sql; 2] = lists!("c.agent_id = $3 AND ", "$1");
static AMONG: [Sql; 2] = lists!("c.group_id {among} AND ", "$12");

fn read(row: &Row) -> Result<GroupSnapshot, SqlError> {
    Ok(GroupSnapshot {
        id: row.uuid("group_id")?,
        version: row.count("version")?,
        name: row.text("name")?,
        description: row.text("description")?,
        agent_id: row.opt_uuid("agent_id")?,
        ui_elements: from_json(row, "ui_elements")?,
    })
}

pub async fn get(database: &Database, group_id: Uuid) -> Result<Option<GroupSnapshot>, SqlError> {
    database.row(&GET, &[group_id.into()]).await?.as_ref().map(read).transpose()
}

pub async fn query(database: &Database, filter: &Filter) -> Result<ListQuery, SqlError> {
    let found = match filter.search.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => search::find(database, &[&WORDS.find], |row| row.uuid("id"), &SearchTerms::text(text)).await?,
        None => Found::everything(),
    };
    let mut values = vec![filter.order.beyond(filter.after).into(), filter.agent_id.into()];
    values.extend(found.rest);
    let all = if filter.agent_id.is_some() { &OF_AGENT } else { &ALL };
    Ok(ListQuery::new(filter.order.of([all, &AMONG]), found.ids, values, one_more(filter.limit)))
}

/// A page of groups.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<GroupSnapshot>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}
