//! Operators as they are listed.

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use event_store::projections::EventEnvelope;
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::states;
use crate::paging::{Page, one_more};

/// An operator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Operator")]
pub struct Operator {
    pub id: Uuid,
    /// Empty where it was erased.
    pub login: String,
    pub state: State,
    pub created_at: Moment,
    /// Null for one who never did.
    pub last_sign_in_at: Option<Moment>,
}

states! {
    /// Whether an operator may sign in.
    State { Active = "active", Disabled = "disabled", Erased = "erased", }
}

static ADD: Sql =
    Sql::new("INSERT INTO operators{shadow} (operator_id, position, state, created_at) VALUES ($1, $2, 'active', $3)");
static SET_STATE: Sql = Sql::new("UPDATE operators{shadow} SET state = $2 WHERE operator_id = $1");
static LIST: Sql = Sql::new(
    "SELECT o.operator_id, o.position, o.state, o.created_at, a.login, a.last_sign_in_at FROM operators o
     JOIN operator_accounts a ON a.operator_id = o.operator_id
     WHERE o.position > $1 ORDER BY o.position LIMIT $2",
);
static GET: Sql = Sql::new(
    "SELECT o.operator_id, o.state, o.created_at, a.login, a.last_sign_in_at FROM operators o
     JOIN operator_accounts a ON a.operator_id = o.operator_id WHERE o.operator_id = $1",
);

/// A page of operators, oldest first.
pub async fn list(database: &Database, after: Option<u64>, limit: usize) -> Result<Page<Operator>, SqlError> {
    let rows = database.rows(&LIST, &[after.unwrap_or(0).into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

/// An operator.
pub async fn get(database: &Database, operator_id: Uuid) -> Result<Option<Operator>, SqlError> {
    database.row(&GET, &[operator_id.into()]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Operator, SqlError> {
    Ok(Operator {
        id: row.uuid("operator_id")?,
        login: row.text("login")?,
        state: row.parsed("state")?,
        created_at: row.moment("created_at")?,
        last_sign_in_at: row.opt_moment("last_sign_in_at")?,
    })
}

pub(super) async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    match &followed.event {
        AgentsEvent::OperatorCreated(event) => {
            let values = [event.operator_id.into(), followed.position.into(), followed.recorded_at.into()];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::OperatorDisabled(event) => set_state(tx, event.operator_id, State::Disabled).await?,
        AgentsEvent::OperatorEnabled(event) => set_state(tx, event.operator_id, State::Active).await?,
        AgentsEvent::OperatorErased(event) => set_state(tx, event.operator_id, State::Erased).await?,
        _ => {}
    }
    Ok(())
}

async fn set_state(tx: &mut Tx, operator_id: Uuid, state: State) -> Result<(), SqlError> {
    tx.execute(&SET_STATE, &[operator_id.into(), state.as_str().into()]).await.map(drop)
}
