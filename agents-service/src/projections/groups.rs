//! Customer groups as they are shown and listed.

use contract::events::agents::{AgentsEvent, UiElement};
use event_store::projections::EventEnvelope;
use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{Page, from_json, one_more, to_json};
use crate::domain::group;

/// A customer group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct Group {
    pub id: Uuid,
    pub version: u64,
    pub name: String,
    pub description: String,
    /// The agent that it belongs to.
    pub agent_id: Option<Uuid>,
    pub ui_elements: Vec<UiElement>,
}

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

impl Group {
    /// A group out of its history; none before it begins.
    pub fn of(group: &group::Group, version: u64) -> Option<Self> {
        let description = group.description()?.clone();
        let agent_id = group.owner().agent();
        Some(Self {
            id: description.group_id,
            version,
            name: description.name,
            description: description.description,
            agent_id,
            ui_elements: description.ui_elements,
        })
    }

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
pub async fn get(database: &Database, group_id: Uuid) -> Result<Option<Group>, SqlError> {
    database.row(&GET, &[group_id.into()]).await?.as_ref().map(Group::read).transpose()
}

/// How a page of groups is read.
pub fn query(filter: &Filter) -> ListQuery {
    let mut values = vec![filter.after.unwrap_or(0).into(), one_more(filter.limit).into()];
    values.extend(filter.agent_id.map(Value::from));
    ListQuery { sql: if filter.agent_id.is_some() { &OF_AGENT } else { &ALL }, ids: None, values }
}

/// A page of groups, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<Group>, SqlError> {
    let rows = query(filter).rows(database).await?;
    let items = rows.iter().map(|row| Ok((Group::read(row)?, row.int("position")?.to_string())));
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
