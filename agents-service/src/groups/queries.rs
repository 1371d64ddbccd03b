use event_store::has_words;
use event_store::search::{self, Found, ListQuery, SearchTerms};
use event_store::sql::{Database, Kind, Row, Sql, SqlError};
use uuid::Uuid;

use crate::columns::from_json;
use crate::groups::projection::WORDS;
use crate::groups::snapshot::GroupSnapshot;
use crate::life::Times;
use crate::paging::{Page, one_more};
use crate::sorting::{Sort, sorted};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    /// The beginnings of words of name and description.
    pub search: Option<String>,
    pub sort: Sort,
    pub after: Option<String>,
    pub limit: usize,
}

static GET: Sql = Sql::new("SELECT * FROM customer_groups WHERE group_id = $1");

macro_rules! list {
    ($begin:literal, $limit:literal, $beyond:expr, $order:expr) => {
        Sql::rows(
            concat!(
                "SELECT * FROM customer_groups c WHERE ", $begin, $beyond, " AND ($4 IS NULL OR c.agent_id = $4)",
                has_words!(5, ("c.group_id", "group_id" in "group_words")),
                " ORDER BY ", $order, " LIMIT ", $limit
            ),
            &[("group_id", Kind::Uuid)],
        )
    };
}

static ALL: [Sql; 4] = sorted!(list, "", "$1", ("c.position", "c.group_id"), ("c.name_sorted", "c.group_id"));
static OF_AGENT: [Sql; 4] =
    sorted!(list, "c.agent_id = $4 AND ", "$1", ("c.position", "c.group_id"), ("c.name_sorted", "c.group_id"));
static AMONG: [Sql; 4] =
    sorted!(list, "c.group_id {among} AND ", "$13", ("c.position", "c.group_id"), ("c.name_sorted", "c.group_id"));

fn read(row: &Row) -> Result<GroupSnapshot, SqlError> {
    Ok(GroupSnapshot {
        id: row.uuid("group_id")?,
        version: row.count("version")?,
        times: Times::read(row)?,
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
    let [value, id] = filter.sort.beyond(filter.after.as_deref());
    let mut values = vec![value, id, filter.agent_id.into()];
    values.extend(found.rest);
    let all = if filter.agent_id.is_some() { &OF_AGENT } else { &ALL };
    Ok(ListQuery::new(filter.sort.of([all, &AMONG]), found.ids, values, one_more(filter.limit)))
}

/// A page of groups.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<GroupSnapshot>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, filter.sort.cursor(row, "group_id")?)));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}
