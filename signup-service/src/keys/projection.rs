//! The projection `keys`: the agents' events that the signup service needs. A page of events becomes at most one
//! statement for each table; then the lookup rows that depend on changed rows are derived again.

use std::sync::LazyLock;

use event_store::projection_table;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{SqlError, Tx};

use crate::keys::changes::Changes;
use crate::keys::derive;
use crate::keys::events::KeyEvent;

static TABLES: LazyLock<[Table; 7]> = LazyLock::new(|| {
    [
        projection_table!("agents", "id": Uuid),
        projection_table!("call_plans", "id": Uuid),
        projection_table!("customer_groups", "id": Uuid),
        projection_table!("grants", "agent_id": Uuid),
        projection_table!("api_tokens", "id": Uuid),
        // A table from before the columns of the company and the challenge has them after the next change of the settings,
        // or a rebuild; until then they differ from those of a rebuild.
        projection_table!(
            "signup_settings", "id": Int,
            "id, signup_fields, terms_version, terms_text, branding_name, branding_colour, branding_logo, frame_origins,
             terms_language, terms_translations"
        ),
        // The position of the last event depends on when parked events were applied, so a rebuild may differ in it;
        // only the cache uses it.
        projection_table!(
            "signup_keys", "key": Text,
            "key, agent_id, call_plan_id, group_id, state, starts_at, ends_at, cap, agent_name, agent_state, commission,
             call_plan_name, call_plan_retired, granted, group_name, group_owner, ui_elements, incomplete"
        ),
    ]
});

#[derive(Clone, Copy, Debug, Default)]
pub struct KeysProjection;

impl Projection for KeysProjection {
    type Event = KeyEvent;
    const NAME: &'static str = "keys";

    fn tables(&self) -> &'static [Table] {
        &*TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<KeyEvent>]) -> Result<(), SqlError> {
        let mut changes = Changes::default();
        for followed in events {
            changes.take(followed.position, &followed.event);
        }
        let touched = changes.write(tx).await?;
        derive::derive(tx, touched).await
    }
}
