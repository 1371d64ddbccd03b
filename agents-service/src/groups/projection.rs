use contract::collation::sort_key;
use contract::events::agents::{AgentsEvent, GroupChanged, GroupCreated};
use event_store::projections::EventEnvelope;
use event_store::search::{Words, WordsTable};
use event_store::sql::{Sql, SqlError, Tx, Value};
use event_store::{projection_table, words_table};

use crate::columns::to_json;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || {
        vec![projection_table!("group_words", "group_id": Uuid), projection_table!("customer_groups", "group_id": Uuid)]
    },
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO customer_groups{shadow} (group_id, position, version, name, description, agent_id, ui_elements, name_sorted, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, NULL, $6, $7, $8, $8)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE customer_groups{shadow} SET version = $3, name = $4, description = $5, ui_elements = $6, name_sorted = $7, updated_at = $8
     WHERE group_id = $1 AND position <= $2",
);
static ASSIGN: Sql =
    Sql::new("UPDATE customer_groups{shadow} SET version = $2, agent_id = $3, updated_at = $4 WHERE group_id = $1");

/// The words that groups are found by.
pub static WORDS: WordsTable = words_table!("group_words", "group_id": Uuid);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let (position, version) = (Value::from(followed.position), Value::from(followed.version));
    let at = Value::from(followed.recorded_at);
    let (group_id, agent_id) = match &followed.event {
        AgentsEvent::GroupCreated(GroupCreated { group_id, name, description, ui_elements })
        | AgentsEvent::GroupChanged(GroupChanged { group_id, name, description, ui_elements, .. }) => {
            let (id, ui_elements) = (Value::from(*group_id), to_json(ui_elements)?);
            let sorted = sort_key(name).into();
            let values =
                [id.clone(), position, version, name.into(), description.into(), ui_elements.into(), sorted, at];
            if followed.version == 1 {
                tx.execute(&ADD, &values).await?;
            } else {
                tx.execute(&CHANGE, &values).await?;
                WORDS.remove(tx, id.clone()).await?;
            }
            WORDS.add(tx, [(id, Words::of([name, description]))]);
            return Ok(());
        }
        AgentsEvent::GroupAssigned(event) => (event.group_id, Some(event.agent_id)),
        AgentsEvent::GroupReleased(event) => (event.group_id, None),
        _ => return Ok(()),
    };
    tx.execute(&ASSIGN, &[group_id.into(), version, agent_id.into(), at]).await.map(drop)
}
