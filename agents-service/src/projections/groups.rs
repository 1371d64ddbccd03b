//! Customer groups as they are shown and listed.

use contract::events::agents::AgentsEvent;
use event_store::projections::EventEnvelope;
use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::columns::{from_json, to_json};
use crate::groups::snapshot::GroupSnapshot;
use crate::paging::{Page, one_more};

/// Which groups to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub after: Option<u64>,
    pub limit: usize,
}

static ADD: Sql = Sql::new(
    "INSERT INTO customer_groups{shadow} (group_id, position, version, name, description, agent_id, ui_elements)
     VALUES ($1, $2, $3, $4, $5, NULL, $6)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE customer_groups{shadow} SET version = $2, name = $3, description = $4, ui_elements = $5 WHERE group_id = $1",
);
static ASSIGN: Sql = Sql::new("UPDATE customer_groups{shadow} SET version = $2, agent_id = $3 WHERE group_id = $1");
static GET: Sql = Sql::new("SELECT * FROM customer_groups WHERE group_id = $1");
static ALL: Sql = Sql::new("SELECT * FROM customer_groups WHERE position > $1 ORDER BY position LIMIT $2");
static OF_AGENT: Sql =
    Sql::new("SELECT * FROM customer_groups WHERE position > $1 AND agent_id = $3 ORDER BY position LIMIT $2");

impl GroupSnapshot {
    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.uuid("group_id")?,
            version: row.count("version")?,
            name: row.text("name")?,
            description: row.text("description")?,
            agent_id: row.opt_uuid("agent_id")?,
            ui_elements: from_json(row, "ui_elements")?,
        })
    }
}

/// One group.
pub async fn get(database: &Database, group_id: Uuid) -> Result<Option<GroupSnapshot>, SqlError> {
    database.row(&GET, &[group_id.into()]).await?.as_ref().map(GroupSnapshot::read).transpose()
}

/// How a page of groups is read.
pub fn query(filter: &Filter) -> ListQuery {
    let mut values = vec![filter.after.unwrap_or(0).into(), one_more(filter.limit).into()];
    values.extend(filter.agent_id.map(Value::from));
    ListQuery { sql: if filter.agent_id.is_some() { &OF_AGENT } else { &ALL }, ids: None, values }
}

/// A page of groups, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<GroupSnapshot>, SqlError> {
    let rows = query(filter).rows(database).await?;
    let items = rows.iter().map(|row| Ok((GroupSnapshot::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

pub(super) async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::GroupCreated(event) => {
            let values = [
                event.group_id.into(),
                followed.position.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                to_json(&event.ui_elements)?.into(),
            ];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::GroupChanged(event) => {
            let values = [
                event.group_id.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                to_json(&event.ui_elements)?.into(),
            ];
            tx.execute(&CHANGE, &values).await?;
        }
        AgentsEvent::GroupAssigned(event) => {
            tx.execute(&ASSIGN, &[event.group_id.into(), version, event.agent_id.into()]).await?;
        }
        AgentsEvent::GroupReleased(event) => {
            tx.execute(&ASSIGN, &[event.group_id.into(), version, None::<Uuid>.into()]).await?;
        }
        _ => {}
    }
    Ok(())
}
