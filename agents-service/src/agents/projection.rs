use contract::collation::sort_key;
use contract::events::agents::{AgentChanged, AgentCreated, AgentTerms, AgentsEvent};
use event_store::projections::EventEnvelope;
use event_store::search::{Words, WordsTable};
use event_store::sql::{Sql, SqlError, Tx, Value};
use event_store::{projection_table, words_table};
use uuid::Uuid;

use crate::agents::snapshot::State;
use crate::columns::{to_json, word};
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || vec![projection_table!("agents", "agent_id": Uuid), projection_table!("agent_words", "agent_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO agents{shadow} (agent_id, position, version, state, name, permissions, threshold_amount, threshold_currency,
         commission, currency, language, vat, name_sorted, commission_terms, hold_days, further_thresholds, vat_kind,
         created_at, updated_at)
     VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE agents{shadow} SET version = $3, name = $4, permissions = $5, threshold_amount = $6,
         threshold_currency = $7, commission = $8, currency = $9, language = $10, vat = $11, name_sorted = $12,
         commission_terms = $13, hold_days = $14, further_thresholds = $15, vat_kind = $16, updated_at = $17
     WHERE agent_id = $1 AND position <= $2",
);
/// Sets the version, and what else an event says.
static SET: Sql = Sql::new(
    "UPDATE agents{shadow} SET version = $2, state = COALESCE($3, state), erased = (erased OR $4), updated_at = $5
     WHERE agent_id = $1",
);

/// The words of names, which agents are found by.
pub static WORDS: WordsTable = words_table!("agent_words", "agent_id": Uuid);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let (agent_id, state) = match &followed.event {
        AgentsEvent::AgentCreated(AgentCreated { agent_id, terms, .. })
        | AgentsEvent::AgentChanged(AgentChanged { agent_id, terms }) => {
            let (id, values) = (Value::from(*agent_id), terms_row(*agent_id, followed, terms)?);
            if followed.version == 1 {
                tx.execute(&ADD, &values).await?;
            } else {
                tx.execute(&CHANGE, &values).await?;
                WORDS.remove(tx, id.clone()).await?;
            }
            WORDS.add(tx, [(id, Words::of([&terms.name]))]);
            return Ok(());
        }
        AgentsEvent::AgentSuspended(event) => (event.agent_id, Some(State::Suspended)),
        AgentsEvent::AgentReinstated(event) => (event.agent_id, Some(State::Active)),
        AgentsEvent::AgentClosed(event) => (event.agent_id, Some(State::Closed)),
        AgentsEvent::AgentErased(event) => (event.agent_id, None),
        AgentsEvent::AgentContactChanged(event) => (event.agent_id, None),
        AgentsEvent::AgentPasswordChanged(event) => (event.agent_id, None),
        AgentsEvent::CallPlanGranted(event) => (event.agent_id, None),
        AgentsEvent::GrantCommissionChanged(event) => (event.agent_id, None),
        AgentsEvent::CallPlanWithdrawn(event) => (event.agent_id, None),
        _ => return Ok(()),
    };
    let is_erased = matches!(followed.event, AgentsEvent::AgentErased(_));
    let state = state.map(State::as_str).into();
    let values = [agent_id.into(), followed.version.into(), state, is_erased.into(), followed.recorded_at.into()];
    tx.execute(&SET, &values).await.map(drop)
}

fn terms_row(
    agent_id: Uuid,
    followed: &EventEnvelope<AgentsEvent>,
    terms: &AgentTerms,
) -> Result<[Value; 17], SqlError> {
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
        to_json(&terms.commission_terms)?.into(),
        terms.hold_days.map(i64::from).into(),
        to_json(&terms.remittance_thresholds)?.into(),
        word(&terms.vat_kind).into(),
        followed.recorded_at.into(),
    ])
}
