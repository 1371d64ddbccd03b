//! Call plans as they are shown and listed.

use schemars::JsonSchema;
use serde::Serialize;
use shared::events::agents::AgentsEvent;
use shared::follow::Followed;
use shared::sql::{Database, Row, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use super::{Page, containing, one_more, states};
use crate::domain::call_plan;
use crate::domain::text::folded;

states! {
    /// A call plan's stage of life.
    State { Offered = "offered", Retired = "retired", }
}

/// A call plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CallPlan")]
pub struct CallPlan {
    pub id: Uuid,
    pub version: u64,
    pub name: String,
    pub description: String,
    pub price_text: String,
    pub state: State,
}

/// Which call plans to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub state: Option<State>,
    pub after: Option<u64>,
    pub limit: usize,
}

static ADD: Sql = Sql::new(
    "INSERT INTO call_plans{shadow} (call_plan_id, position, version, state, name, name_folded, description, price_text)
     VALUES ($1, $2, $3, 'offered', $4, $5, $6, $7)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE call_plans{shadow} SET version = $2, name = $3, name_folded = $4, description = $5, price_text = $6
     WHERE call_plan_id = $1",
);
static RETIRE: Sql = Sql::new("UPDATE call_plans{shadow} SET version = $2, state = 'retired' WHERE call_plan_id = $1");
static GET: Sql = Sql::new("SELECT * FROM call_plans WHERE call_plan_id = $1");
static LIST: Sql = Sql::new(
    "SELECT * FROM call_plans WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR name_folded LIKE $2 ESCAPE '\\')
     AND position > $3 ORDER BY position LIMIT $4",
);

impl CallPlan {
    /// A call plan out of its history; none before it begins.
    pub fn of(plan: &call_plan::CallPlan, version: u64) -> Option<Self> {
        let wording = plan.wording()?.clone();
        let retired = plan.stage() == call_plan::Stage::Retired;
        Some(Self {
            id: wording.call_plan_id,
            version,
            name: wording.name,
            description: wording.description,
            price_text: wording.price_text,
            state: if retired { State::Retired } else { State::Offered },
        })
    }

    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.uuid("call_plan_id")?,
            version: row.count("version")?,
            name: row.text("name")?,
            description: row.text("description")?,
            price_text: row.text("price_text")?,
            state: row.parsed("state")?,
        })
    }
}

/// One call plan.
pub async fn get(database: &Database, call_plan_id: Uuid) -> Result<Option<CallPlan>, SqlError> {
    database.row(&GET, &[call_plan_id.into()]).await?.as_ref().map(CallPlan::read).transpose()
}

/// A page of call plans, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<CallPlan>, SqlError> {
    let values = [
        filter.state.map(State::as_str).into(),
        filter.search.as_deref().map(containing).into(),
        filter.after.unwrap_or(0).into(),
        one_more(filter.limit).into(),
    ];
    let rows = database.rows(&LIST, &values).await?;
    let items = rows.iter().map(|row| Ok((CallPlan::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

pub(super) async fn apply(tx: &mut Tx, followed: &Followed<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::CallPlanCreated(event) => {
            let values = [
                event.call_plan_id.into(),
                followed.position.into(),
                version,
                Value::from(&event.name),
                folded(&event.name).into(),
                Value::from(&event.description),
                Value::from(&event.price_text),
            ];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::CallPlanChanged(event) => {
            let values = [
                event.call_plan_id.into(),
                version,
                Value::from(&event.name),
                folded(&event.name).into(),
                Value::from(&event.description),
                Value::from(&event.price_text),
            ];
            tx.execute(&CHANGE, &values).await?;
        }
        AgentsEvent::CallPlanRetired(event) => {
            tx.execute(&RETIRE, &[event.call_plan_id.into(), version]).await?;
        }
        _ => {}
    }
    Ok(())
}
