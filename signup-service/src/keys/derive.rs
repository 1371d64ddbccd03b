//! Derives lookup rows: a row holds all facts of its key's agent, plan and group, and is derived again when one of
//! these changes. The result does not depend on how the events were paged, so a rebuilt projection equals the live
//! one byte for byte.

use std::collections::BTreeMap;

use event_store::sql::{Kind, Sql, SqlError, Tx, Value};
use uuid::Uuid;

/// Agents, plans and groups that events changed, each with the position of the last such event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) agents: BTreeMap<Uuid, u64>,
    pub(super) call_plans: BTreeMap<Uuid, u64>,
    pub(super) groups: BTreeMap<Uuid, u64>,
}

/// The facts of a key `k`, for the joins below.
macro_rules! facts {
    () => {
        "a.name AS agent_name, a.state AS agent_state, a.commission,
         p.name AS call_plan_name, p.retired AS call_plan_retired, COALESCE(g.granted, FALSE) AS granted,
         c.name AS group_name, c.owner AS group_owner, c.ui_elements,
         (a.name IS NULL OR p.name IS NULL OR c.name IS NULL) AS incomplete"
    };
}

/// The joins for the facts of a key `k`.
macro_rules! sources {
    () => {
        "LEFT JOIN agents{shadow} a ON a.id = k.agent_id
         LEFT JOIN call_plans{shadow} p ON p.id = k.call_plan_id
         LEFT JOIN customer_groups{shadow} c ON c.id = k.group_id
         LEFT JOIN grants{shadow} g ON g.agent_id = k.agent_id AND g.call_plan_id = k.call_plan_id"
    };
}

/// Sets the position of the last event that changed a row `t`, from `$from`.
macro_rules! latest {
    ($from:literal) => {
        concat!(
            "changed_position = CASE WHEN t.changed_position > ",
            $from,
            ".changed_position THEN t.changed_position ELSE ",
            $from,
            ".changed_position END"
        )
    };
}

/// Sets the facts of a row from `$from`.
macro_rules! set_facts {
    ($from:literal) => {
        concat!(
            "agent_name = ",
            $from,
            ".agent_name, agent_state = ",
            $from,
            ".agent_state, commission = ",
            $from,
            ".commission, call_plan_name = ",
            $from,
            ".call_plan_name, call_plan_retired = ",
            $from,
            ".call_plan_retired, granted = ",
            $from,
            ".granted, group_name = ",
            $from,
            ".group_name, group_owner = ",
            $from,
            ".group_owner, ui_elements = ",
            $from,
            ".ui_elements, incomplete = ",
            $from,
            ".incomplete, ",
            latest!($from)
        )
    };
}

/// Writes new keys with all facts known of them.
pub(super) static PUT_KEYS: Sql = Sql::rows(
    concat!(
        "INSERT INTO signup_keys{shadow} AS t (key, state, agent_id, call_plan_id, group_id, starts_at, ends_at, cap, agent_name,
             agent_state, commission, call_plan_name, call_plan_retired, granted, group_name, group_owner, ui_elements,
             incomplete, changed_position)
         SELECT k.key, k.state, k.agent_id, k.call_plan_id, k.group_id, k.starts_at, k.ends_at, k.cap, ",
        facts!(),
        ", k.position FROM (SELECT * FROM {rows}) AS k ",
        sources!(),
        " WHERE true
         ON CONFLICT (key) DO UPDATE SET state = excluded.state, agent_id = excluded.agent_id,
             call_plan_id = excluded.call_plan_id, group_id = excluded.group_id, starts_at = excluded.starts_at,
             ends_at = excluded.ends_at, cap = excluded.cap, ",
        set_facts!("excluded")
    ),
    &[
        ("key", Kind::Text),
        ("state", Kind::Text),
        ("position", Kind::Int),
        ("starts_at", Kind::Moment),
        ("ends_at", Kind::Moment),
        ("cap", Kind::Int),
        ("agent_id", Kind::Uuid),
        ("call_plan_id", Kind::Uuid),
        ("group_id", Kind::Uuid),
    ],
);
/// Writes the state and the limits of existing keys, where they change.
pub(super) static CHANGE_KEYS: Sql = Sql::rows(
    concat!(
        "UPDATE signup_keys{shadow} AS t SET state = COALESCE(d.state, t.state),
             starts_at = CASE WHEN d.limits THEN d.starts_at ELSE t.starts_at END,
             ends_at = CASE WHEN d.limits THEN d.ends_at ELSE t.ends_at END,
             cap = CASE WHEN d.limits THEN d.cap ELSE t.cap END, ",
        latest!("d"),
        " FROM (SELECT * FROM {rows}) AS d
         WHERE t.key = d.key"
    ),
    &[
        ("key", Kind::Text),
        ("state", Kind::Text),
        ("changed_position", Kind::Int),
        ("starts_at", Kind::Moment),
        ("ends_at", Kind::Moment),
        ("cap", Kind::Int),
        ("limits", Kind::Flag),
    ],
);

/// The statement that derives the lookup rows whose named column matches the given rows.
macro_rules! derive_by {
    ($column:literal) => {
        Sql::rows(
            concat!(
                "UPDATE signup_keys{shadow} AS t SET ",
                set_facts!("d"),
                " FROM (SELECT k.key, r.position AS changed_position, ",
                facts!(),
                " FROM {rows} JOIN signup_keys{shadow} k ON k.",
                $column,
                " = r.id ",
                sources!(),
                ") AS d WHERE t.key = d.key"
            ),
            &[("id", Kind::Uuid), ("position", Kind::Int)],
        )
    };
}

static DERIVE_BY_AGENT: Sql = derive_by!("agent_id");
static DERIVE_BY_CALL_PLAN: Sql = derive_by!("call_plan_id");
static DERIVE_BY_GROUP: Sql = derive_by!("group_id");

pub(super) async fn derive(tx: &mut Tx, touched: Touched) -> Result<(), SqlError> {
    for (statement, ids) in [
        (&DERIVE_BY_AGENT, touched.agents),
        (&DERIVE_BY_CALL_PLAN, touched.call_plans),
        (&DERIVE_BY_GROUP, touched.groups),
    ] {
        let rows = ids.into_iter().map(|(id, position)| vec![Value::from(id), position.into()]);
        tx.execute_many(statement, rows.collect()).await?;
    }
    Ok(())
}
