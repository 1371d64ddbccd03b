use contract::commission::CommissionTerms;
use event_store::sql::{Database, Sql, SqlError, Tx};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::snapshot::State as AgentState;
use crate::call_plans::snapshot::State;
use crate::columns::opt_from_json;
use crate::paging::one_more;

/// A call plan that an agent may sell.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Grant")]
pub struct Grant {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub price_text: String,
    pub state: State,
    /// Commission terms of this plan for this agent.
    pub commission: Option<CommissionTerms>,
    /// The live keys that a withdrawal would stop.
    pub keys: u64,
}

/// An agent who may sell a call plan.
#[derive(Clone, Debug)]
pub struct Seller {
    pub id: Uuid,
    pub name: String,
    pub state: AgentState,
    /// The live keys for the plan.
    pub keys: u64,
}

static LIST: Sql = Sql::new(
    "SELECT p.call_plan_id, p.name, p.description, p.price_text, p.state, g.commission,
         (SELECT COUNT(*) FROM signup_keys k WHERE k.agent_id = g.agent_id AND k.call_plan_id = g.call_plan_id
          AND k.state <> 'revoked') AS live
     FROM grants g JOIN call_plans p ON p.call_plan_id = g.call_plan_id
     WHERE g.agent_id = $1 ORDER BY g.position",
);
static SELLERS: Sql = Sql::new(
    "SELECT a.agent_id, a.name, a.state,
         (SELECT COUNT(*) FROM signup_keys k WHERE k.agent_id = g.agent_id AND k.call_plan_id = g.call_plan_id
          AND k.state <> 'revoked') AS live
     FROM grants g JOIN agents a ON a.agent_id = g.agent_id
     WHERE g.call_plan_id = $1 ORDER BY a.name_sorted, a.agent_id LIMIT $2",
);
static LIVE_KEYS: Sql = Sql::new(
    "SELECT COUNT(*) AS live FROM signup_keys WHERE agent_id = $1 AND call_plan_id = $2 AND state <> 'revoked'",
);

/// All call plans that an agent may sell: there are never many.
pub async fn list(database: &Database, agent_id: Uuid) -> Result<Vec<Grant>, SqlError> {
    let rows = database.rows(&LIST, &[agent_id.into()]).await?;
    let grants = rows.iter().map(|row| {
        Ok(Grant {
            id: row.uuid("call_plan_id")?,
            name: row.text("name")?,
            description: row.text("description")?,
            price_text: row.text("price_text")?,
            state: row.parsed("state")?,
            commission: opt_from_json(row, "commission")?,
            keys: row.count("live")?,
        })
    });
    grants.collect()
}

/// The first agents who may sell a call plan, by name; one more than `limit` where there are more.
pub async fn sellers(database: &Database, call_plan_id: Uuid, limit: usize) -> Result<Vec<Seller>, SqlError> {
    let rows = database.rows(&SELLERS, &[call_plan_id.into(), one_more(limit).into()]).await?;
    let sellers = rows.iter().map(|row| {
        Ok(Seller {
            id: row.uuid("agent_id")?,
            name: row.text("name")?,
            state: row.parsed("state")?,
            keys: row.count("live")?,
        })
    });
    sellers.collect()
}

/// The live keys that a withdrawal would stop.
pub async fn live_keys(tx: &mut Tx, agent_id: Uuid, call_plan_id: Uuid) -> Result<u64, SqlError> {
    let row = tx.row(&LIVE_KEYS, &[agent_id.into(), call_plan_id.into()]).await?;
    row.map_or(Ok(0), |row| row.count("live"))
}
