//! Which signup keys are usable now, by the same function as in the signup-service. The number of placements comes
//! from the sales projection, which may be a moment late; without a signups' log it is zero.

use std::collections::HashMap;

use contract::clock::Moment;
use contract::events::signups::RefusalReason;
use contract::key_usability::{AgentState, KeyFacts, KeyState, unusable};
use event_store::sql::{Database, Row, SqlError};
use event_store::sql_rows;

use crate::signup_keys::snapshot::{SignupKeySnapshot, State};
use crate::{agents, call_plans};

sql_rows! {
    static FACTS = "SELECT r.key, a.state AS agent_state, p.state AS plan_state, g.agent_id AS granted_to, c.agent_id AS owner,
             CAST(COALESCE((SELECT SUM(d.signups) FROM sales_daily d WHERE d.key = r.key), 0)
                 + COALESCE((SELECT SUM(s.shown) FROM sales_refusals s WHERE s.key = r.key), 0) AS BIGINT) AS placed
         FROM {rows} LEFT JOIN agents a ON a.agent_id = r.agent_id
         LEFT JOIN call_plans p ON p.call_plan_id = r.call_plan_id
         LEFT JOIN grants g ON g.agent_id = r.agent_id AND g.call_plan_id = r.call_plan_id
         LEFT JOIN customer_groups c ON c.group_id = r.group_id";
    fn key_row(key: &SignupKeySnapshot) {
        key: Text = &key.key,
        agent_id: Uuid = key.agent_id,
        call_plan_id: Uuid = key.call_plan_id,
        group_id: Uuid = key.group_id,
    }
}

/// The reasons of those of these keys that are unusable, by key.
pub async fn reasons(
    database: &Database,
    keys: &[SignupKeySnapshot],
    now: Moment,
) -> Result<HashMap<String, RefusalReason>, SqlError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let known: HashMap<&str, &SignupKeySnapshot> = keys.iter().map(|key| (key.key.as_str(), key)).collect();
    let rows = database.rows_for_many(&FACTS, keys.iter().map(key_row).collect()).await?;
    let mut reasons = HashMap::new();
    for row in &rows {
        let key = row.text("key")?;
        let Some(snapshot) = known.get(key.as_str()) else { continue };
        if let Some(reason) = unusable(&facts(snapshot, row)?, row.count("placed")?, now) {
            reasons.insert(key, reason);
        }
    }
    Ok(reasons)
}

fn facts(key: &SignupKeySnapshot, row: &Row) -> Result<KeyFacts, SqlError> {
    Ok(KeyFacts {
        state: match key.state {
            State::Active => KeyState::Active,
            State::Paused => KeyState::Paused,
            State::Revoked => KeyState::Revoked,
        },
        starts_at: key.starts_at,
        ends_at: key.ends_at,
        cap: key.cap,
        agent: match row.parsed("agent_state")? {
            agents::snapshot::State::Active => AgentState::Active,
            agents::snapshot::State::Suspended => AgentState::Suspended,
            agents::snapshot::State::Closed => AgentState::Closed,
        },
        plan_retired: row.parsed::<call_plans::snapshot::State>("plan_state")? == call_plans::snapshot::State::Retired,
        granted: row.opt_uuid("granted_to")?.is_some(),
        group_is_agents: row.opt_uuid("owner")? == Some(key.agent_id),
    })
}
