use contract::events::agents::AgentsEvent;
use event_store::projections::EventEnvelope;
use event_store::search::Words;
use event_store::sql::{Sql, SqlError, Tx, Value};
use event_store::{projection_table, sql_rows};
use uuid::Uuid;

use crate::projection::Part;

/// The noun's part of the projection.
pub const PART: Part = Part {
    tables: || {
        vec![
            projection_table!("call_plan_words", "call_plan_id": Uuid),
            projection_table!("call_plans", "call_plan_id": Uuid),
        ]
    },
    apply: |tx, events| Box::pin(apply(tx, events)),
};

static ADD: Sql = Sql::new(
    "INSERT INTO call_plans{shadow} (call_plan_id, position, version, state, name, description, price_text)
     VALUES ($1, $2, $3, 'offered', $4, $5, $6)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE call_plans{shadow} SET version = $2, name = $3, description = $4, price_text = $5
     WHERE call_plan_id = $1",
);
static RETIRE: Sql = Sql::new("UPDATE call_plans{shadow} SET version = $2, state = 'retired' WHERE call_plan_id = $1");

sql_rows! {
    static ADD_WORDS = "INSERT INTO call_plan_words{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn word_row(word: (Uuid, &str)) {
        call_plan_id: Uuid = word.0,
        word: Text = word.1,
    }
}

static REMOVE_WORDS: Sql = Sql::new("DELETE FROM call_plan_words{shadow} WHERE call_plan_id = $1");

fn add_words(tx: &mut Tx, call_plan_id: Uuid, name: &str) {
    let mut words = Words::default();
    words.text(name);
    tx.queue(&ADD_WORDS, words.iter().map(|word| word_row((call_plan_id, word))).collect());
}

async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    for event in events {
        apply_one(tx, event).await?;
    }
    Ok(())
}

async fn apply_one(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::CallPlanCreated(event) => {
            let values = [
                event.call_plan_id.into(),
                followed.position.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                Value::from(&event.price_text),
            ];
            tx.execute(&ADD, &values).await?;
            add_words(tx, event.call_plan_id, &event.name);
        }
        AgentsEvent::CallPlanChanged(event) => {
            let values = [
                event.call_plan_id.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                Value::from(&event.price_text),
            ];
            tx.execute(&CHANGE, &values).await?;
            tx.execute(&REMOVE_WORDS, &[event.call_plan_id.into()]).await?;
            add_words(tx, event.call_plan_id, &event.name);
        }
        AgentsEvent::CallPlanRetired(event) => {
            tx.execute(&RETIRE, &[event.call_plan_id.into(), version]).await?;
        }
        _ => {}
    }
    Ok(())
}
