use contract::events::agents::AgentsEvent;
use contract::events::remittances::{RemittancePaid, RemittanceRequested};
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::columns::{opt_to_json, word};
use crate::ledger::amount::in_column;
use crate::projection::{Apply, Part};
use crate::remittances::snapshot::State;

pub const PART: Part = Part {
    tables: || vec![projection_table!("remittances", "remittance_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO remittances{shadow} (remittance_id, position, version, agent_id, currency, amount, state, requested_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'requested', $7, $7)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE remittances{shadow} SET version = $2, changed_at = $3, state = $4, reason_at = $5 WHERE remittance_id = $1",
);
static PAY: Sql = Sql::new(
    "UPDATE remittances{shadow} SET version = $2, changed_at = $3, state = 'paid', vat = $4, method = $5, bank_reference_at = $6,
         vat_terms = $7 WHERE remittance_id = $1",
);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let at = [followed.version.into(), followed.recorded_at.into()];
    match &followed.event {
        AgentsEvent::RemittanceRequested(event) => {
            let RemittanceRequested { remittance_id, agent_id, amount, .. } = event;
            let values = [
                (*remittance_id).into(),
                followed.position.into(),
                followed.version.into(),
                (*agent_id).into(),
                amount.currency().as_str().into(),
                in_column(amount.amount()).into(),
                followed.recorded_at.into(),
            ];
            tx.execute(&ADD, &values).await.map(drop)
        }
        AgentsEvent::RemittanceApproved(event) => change(tx, event.remittance_id, at, State::Approved, None).await,
        AgentsEvent::RemittanceRefused(event) => {
            change(tx, event.remittance_id, at, State::Refused, Some(followed.position)).await
        }
        AgentsEvent::RemittanceCancelled(event) => change(tx, event.remittance_id, at, State::Cancelled, None).await,
        AgentsEvent::RemittanceReturned(event) => {
            change(tx, event.remittance_id, at, State::Returned, Some(followed.position)).await
        }
        AgentsEvent::RemittancePaid(event) => {
            let RemittancePaid { remittance_id, vat, vat_terms, method, .. } = event;
            let [version, changed_at] = at;
            let vat = in_column(vat.amount()).into();
            let terms = opt_to_json(vat_terms.as_ref())?.into();
            let (id, reference_at) = ((*remittance_id).into(), followed.position.into());
            let values = [id, version, changed_at, vat, word(method).into(), reference_at, terms];
            tx.execute(&PAY, &values).await.map(drop)
        }
        _ => Ok(()),
    }
}

async fn change(
    tx: &mut Tx,
    remittance_id: Uuid,
    at: [Value; 2],
    state: State,
    reason_at: Option<u64>,
) -> Result<(), SqlError> {
    let [version, changed_at] = at;
    let values = [remittance_id.into(), version, changed_at, state.as_str().into(), reason_at.into()];
    tx.execute(&CHANGE, &values).await.map(drop)
}
