use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError, Value};
use uuid::Uuid;

use crate::columns::from_json;
use crate::groups::snapshot::GroupSnapshot;
use crate::paging::{Page, one_more};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub after: Option<u64>,
    pub limit: usize,
}

static GET: Sql = Sql::new("SELECT * FROM customer_groups WHERE group_id = $1");
static ALL: Sql = Sql::new("SELECT * FROM customer_groups WHERE position > $1 ORDER BY position LIMIT $2");
static OF_AGENT: Sql =
    Sql::new("SELECT * FROM customer_groups WHERE position > $1 AND agent_id = $3 ORDER BY position LIMIT $2");

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

pub fn query(filter: &Filter) -> ListQuery {
    let mut values = vec![filter.after.unwrap_or(0).into(), one_more(filter.limit).into()];
    values.extend(filter.agent_id.map(Value::from));
    ListQuery { sql: if filter.agent_id.is_some() { &OF_AGENT } else { &ALL }, ids: None, values }
}

/// A page of groups, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<GroupSnapshot>, SqlError> {
    let rows = query(filter).rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}
