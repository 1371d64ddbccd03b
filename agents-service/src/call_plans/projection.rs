use contract::collation::sort_key;
use contract::events::agents::{AgentsEvent, CallPlanChanged, CallPlanCreated};
use event_store::projections::EventEnvelope;
use event_store::search::{Words, WordsTable};
use event_store::sql::{Sql, SqlError, Tx, Value};
use event_store::{projection_table, words_table};

use crate::columns::opt_to_json;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || {
        vec![
            projection_table!("call_plan_words", "call_plan_id": Uuid),
            projection_table!("call_plans", "call_plan_id": Uuid),
        ]
    },
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO call_plans{shadow} (call_plan_id, position, version, state, name, description, price_text, commission, name_sorted,
         created_at, updated_at)
     VALUES ($1, $2, $3, 'offered', $4, $5, $6, $7, $8, $9, $9)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE call_plans{shadow} SET version = $3, name = $4, description = $5, price_text = $6, commission = $7, name_sorted = $8,
         updated_at = $9
     WHERE call_plan_id = $1 AND position <= $2",
);
static RETIRE: Sql =
    Sql::new("UPDATE call_plans{shadow} SET version = $2, state = 'retired', updated_at = $3 WHERE call_plan_id = $1");

/// The words that call plans are found by.
pub static WORDS: WordsTable = words_table!("call_plan_words", "call_plan_id": Uuid);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let (position, version) = (Value::from(followed.position), Value::from(followed.version));
    let at = Value::from(followed.recorded_at);
    match &followed.event {
        AgentsEvent::CallPlanCreated(CallPlanCreated { call_plan_id, name, description, price_text, commission })
        | AgentsEvent::CallPlanChanged(CallPlanChanged { call_plan_id, name, description, price_text, commission }) => {
            let id = Value::from(*call_plan_id);
            let texts = [name, description, price_text].map(Value::from);
            let commission = opt_to_json(commission.as_ref())?.into();
            let values: Vec<Value> = [id.clone(), position, version]
                .into_iter()
                .chain(texts)
                .chain([commission, sort_key(name).into(), at])
                .collect();
            if followed.version == 1 {
                tx.execute(&ADD, &values).await?;
            } else {
                tx.execute(&CHANGE, &values).await?;
                WORDS.remove(tx, id.clone()).await?;
            }
            WORDS.add(tx, [(id, Words::of([name]))]);
        }
        AgentsEvent::CallPlanRetired(event) => {
            tx.execute(&RETIRE, &[event.call_plan_id.into(), version, at]).await?;
        }
        _ => {}
    }
    Ok(())
}
