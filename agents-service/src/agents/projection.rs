use contract::collation::sort_key;
use contract::events::agents::{AgentTerms, AgentsEvent};
use event_store::projections::EventEnvelope;
use event_store::search::Words;
use event_store::sql::{Sql, SqlError, Tx, Value};
use event_store::{projection_table, sql_rows};
use uuid::Uuid;

use crate::agents::snapshot::State;
use crate::columns::to_json;
use crate::projection::Part;

/// The noun's part of the projection.
pub const PART: Part = Part {
    tables: || vec![projection_table!("agents", "agent_id": Uuid), projection_table!("agent_words", "agent_id": Uuid)],
    apply: |tx, events| Box::pin(apply(tx, events)),
};

static ADD: Sql = Sql::new(
    "INSERT INTO agents{shadow} (agent_id, position, version, state, name, permissions, threshold_amount, threshold_currency,
         commission, currency, language, vat, name_sorted)
     VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE agents{shadow} SET version = $3, name = $4, permissions = $5, threshold_amount = $6,
         threshold_currency = $7, commission = $8, currency = $9, language = $10, vat = $11, name_sorted = $12
     WHERE agent_id = $1 AND position <= $2",
);
static SET_STATE: Sql = Sql::new("UPDATE agents{shadow} SET version = $2, state = $3 WHERE agent_id = $1");
static SET_VERSION: Sql = Sql::new("UPDATE agents{shadow} SET version = $2 WHERE agent_id = $1");
static ERASE: Sql = Sql::new("UPDATE agents{shadow} SET version = $2, erased = TRUE WHERE agent_id = $1");

sql_rows! {
    static ADD_WORDS = "INSERT INTO agent_words{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn word_row(word: (Uuid, &str)) {
        agent_id: Uuid = word.0,
        word: Text = word.1,
    }
}

static REMOVE_WORDS: Sql = Sql::new("DELETE FROM agent_words{shadow} WHERE agent_id = $1");

async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    for event in events {
        apply_one(tx, event).await?;
    }
    Ok(())
}

async fn apply_one(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::AgentCreated(event) => {
            tx.execute(&ADD, &terms_row(event.agent_id, followed, &event.terms)?).await?;
            add_words(tx, event.agent_id, &event.terms);
        }
        AgentsEvent::AgentChanged(event) => {
            tx.execute(&CHANGE, &terms_row(event.agent_id, followed, &event.terms)?).await?;
            tx.execute(&REMOVE_WORDS, &[event.agent_id.into()]).await?;
            add_words(tx, event.agent_id, &event.terms);
        }
        AgentsEvent::AgentSuspended(event) => set_state(tx, event.agent_id, version, State::Suspended).await?,
        AgentsEvent::AgentReinstated(event) => set_state(tx, event.agent_id, version, State::Active).await?,
        AgentsEvent::AgentClosed(event) => set_state(tx, event.agent_id, version, State::Closed).await?,
        AgentsEvent::AgentErased(event) => {
            tx.execute(&ERASE, &[event.agent_id.into(), version]).await?;
        }
        AgentsEvent::AgentContactChanged(event) => set_version(tx, event.agent_id, version).await?,
        AgentsEvent::AgentPasswordChanged(event) => set_version(tx, event.agent_id, version).await?,
        AgentsEvent::CallPlanGranted(event) => set_version(tx, event.agent_id, version).await?,
        AgentsEvent::CallPlanWithdrawn(event) => set_version(tx, event.agent_id, version).await?,
        _ => {}
    }
    Ok(())
}

fn add_words(tx: &mut Tx, agent_id: Uuid, terms: &AgentTerms) {
    let mut words = Words::default();
    words.text(&terms.name);
    tx.queue(&ADD_WORDS, words.iter().map(|word| word_row((agent_id, word))).collect());
}

async fn set_state(tx: &mut Tx, agent_id: Uuid, version: Value, state: State) -> Result<(), SqlError> {
    tx.execute(&SET_STATE, &[agent_id.into(), version, state.as_str().into()]).await.map(drop)
}

async fn set_version(tx: &mut Tx, agent_id: Uuid, version: Value) -> Result<(), SqlError> {
    tx.execute(&SET_VERSION, &[agent_id.into(), version]).await.map(drop)
}

fn terms_row(
    agent_id: Uuid,
    followed: &EventEnvelope<AgentsEvent>,
    terms: &AgentTerms,
) -> Result<[Value; 12], SqlError> {
    Ok([
        agent_id.into(),
        followed.position.into(),
        followed.version.into(),
        terms.name.as_str().into(),
        to_json(&terms.permissions)?.into(),
        terms.remittance_threshold.amount().to_string().into(),
        terms.remittance_threshold.currency().as_str().into(),
        terms.commission.basis_points().into(),
        terms.currency.as_str().into(),
        terms.language.as_str().into(),
        terms.vat.basis_points().into(),
        sort_key(&terms.name).into(),
    ])
}
