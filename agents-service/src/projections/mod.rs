//! The directory: the service's view of its own log, one file for each noun, kept by a projector like any other view. Beside
//! it, in `sales/`, the view of the other service's log.
//! Knows nothing of logins and contact details, which are in `accounts.rs`.

pub mod agents;
pub mod api_tokens;
pub mod call_plans;
pub mod grants;
pub mod groups;
pub mod key_use;
pub mod names;
pub mod operators;
pub mod sales;
pub mod settings;
pub mod signup_keys;

use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{SqlError, Tx};

static TABLES: [Table; 11] = [
    projection_table!("agents", "agent_id": Uuid),
    projection_table!("agent_words", "agent_id": Uuid),
    projection_table!("call_plan_words", "call_plan_id": Uuid),
    projection_table!("signup_key_words", "key": Text),
    projection_table!("grants", "agent_id": Uuid),
    projection_table!("call_plans", "call_plan_id": Uuid),
    projection_table!("customer_groups", "group_id": Uuid),
    projection_table!("signup_keys", "key": Text),
    projection_table!("settings", "id": Int),
    projection_table!("operators", "operator_id": Uuid),
    projection_table!("api_tokens", "token_id": Uuid),
];

/// The view of this service's own log.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentsProjection;

impl Projection for AgentsProjection {
    type Event = AgentsEvent;
    const NAME: &'static str = "directory";

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        for event in events {
            agents::apply(tx, event).await?;
            grants::apply(tx, event).await?;
            call_plans::apply(tx, event).await?;
            groups::apply(tx, event).await?;
            settings::apply(tx, event).await?;
            operators::apply(tx, event).await?;
            api_tokens::apply(tx, event).await?;
        }
        // No noun's rows are made of another's, so it matters only that each has its own events in order.
        signup_keys::apply(tx, events).await
    }
}
