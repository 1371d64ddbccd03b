//! Deriving lookup rows: one statement gathers all facts of the keys that something touched. Rows come out the same
//! however the events were paged, so that a rebuilt view equals the live one byte for byte.

use std::collections::BTreeMap;

use shared::sql::{Kind, Sql, SqlError, Tx, Value};

/// What events touched, each with the position of the last one that did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) keys: BTreeMap<String, u64>,
    pub(super) agents: BTreeMap<String, u64>,
    pub(super) call_plans: BTreeMap<String, u64>,
    pub(super) groups: BTreeMap<String, u64>,
}

/// The statement that derives the lookup rows which the named column ties to the rows given.
macro_rules! derive_by {
    ($column:literal) => {
        Sql::rows(
            concat!(
                "UPDATE signup_keys~ AS t SET
                     agent_name = d.agent_name, agent_state = d.agent_state, commission = d.commission,
                     call_plan_name = d.call_plan_name, call_plan_retired = d.call_plan_retired, granted = d.granted,
                     group_name = d.group_name, group_owner = d.group_owner, ui_elements = d.ui_elements,
                     incomplete = d.incomplete,
                     changed_position = CASE WHEN t.changed_position > d.position THEN t.changed_position ELSE d.position END
                 FROM (
                     SELECT k.key, r.position,
                         a.name AS agent_name, a.state AS agent_state, a.commission,
                         p.name AS call_plan_name, p.retired AS call_plan_retired, COALESCE(g.granted, 0) AS granted,
                         c.name AS group_name, c.owner AS group_owner, c.ui_elements,
                         CASE WHEN a.name IS NULL OR p.name IS NULL OR c.name IS NULL THEN 1 ELSE 0 END AS incomplete
                     FROM {rows}
                     JOIN signup_keys~ k ON k.",
                $column,
                " = r.id
                     LEFT JOIN agents~ a ON a.id = k.agent_id
                     LEFT JOIN call_plans~ p ON p.id = k.call_plan_id
                     LEFT JOIN customer_groups~ c ON c.id = k.group_id
                     LEFT JOIN grants~ g ON g.agent_id = k.agent_id AND g.call_plan_id = k.call_plan_id
                 ) AS d WHERE t.key = d.key"
            ),
            &[("id", Kind::Text), ("position", Kind::Int)],
        )
    };
}

static DERIVE_BY_KEY: Sql = derive_by!("key");
static DERIVE_BY_AGENT: Sql = derive_by!("agent_id");
static DERIVE_BY_CALL_PLAN: Sql = derive_by!("call_plan_id");
static DERIVE_BY_GROUP: Sql = derive_by!("group_id");

/// Derives the lookup rows of everything that was touched.
pub(super) async fn derive(tx: &mut Tx, touched: Touched) -> Result<(), SqlError> {
    for (statement, ids) in [
        (&DERIVE_BY_KEY, touched.keys),
        (&DERIVE_BY_AGENT, touched.agents),
        (&DERIVE_BY_CALL_PLAN, touched.call_plans),
        (&DERIVE_BY_GROUP, touched.groups),
    ] {
        let rows = ids.into_iter().map(|(id, position)| vec![Value::from(id), position.into()]);
        tx.execute_many(statement, rows.collect()).await?;
    }
    Ok(())
}
