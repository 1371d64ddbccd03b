use contract::events::agents::AgentsEvent;
use contract::ids::from_hex;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx, Value};

use crate::columns::to_json;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || vec![projection_table!("api_tokens", "token_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO api_tokens{shadow} (token_id, position, state, name, scopes, digest, issued_at)
     VALUES ($1, $2, 'active', $3, $4, $5, $6)",
);
static REVOKE: Sql = Sql::new("UPDATE api_tokens{shadow} SET state = 'revoked' WHERE token_id = $1");

/// A malformed digest matches no token.
fn digest_of(text: &str) -> Vec<u8> {
    from_hex(text).unwrap_or_default()
}

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    match &followed.event {
        AgentsEvent::ApiTokenIssued(event) => {
            let values = [
                event.token_id.into(),
                followed.position.into(),
                Value::from(&event.name),
                to_json(&event.scopes)?.into(),
                digest_of(&event.digest).into(),
                followed.recorded_at.into(),
            ];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::ApiTokenRevoked(event) => {
            tx.execute(&REVOKE, &[event.token_id.into()]).await?;
        }
        _ => {}
    }
    Ok(())
}
