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
use event_store::sql::{Row, SqlError, Tx};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// A page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; null when this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit` rows out of one more than that; each row knows where the page behind it begins.
    pub fn of(rows: Vec<(T, String)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        let mut items: Vec<(T, String)> = rows.into_iter().take(limit).collect();
        let next = if more { items.last_mut().map(|(_, cursor)| std::mem::take(cursor)) } else { None };
        Self { items: items.into_iter().map(|(item, _)| item).collect(), next }
    }
}

/// The number of rows to ask for, to see whether there is a page behind this one.
pub fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX - 1) + 1
}

/// A list in a text column.
fn to_json<T: Serialize>(value: &T) -> Result<String, SqlError> {
    serde_json::to_string(value).map_err(|_| SqlError::Column { column: "json".to_owned() })
}

/// The same, read.
fn from_json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, SqlError> {
    serde_json::from_str(&row.text(column)?).map_err(|_| SqlError::Column { column: column.to_owned() })
}

/// Declares the stages that a noun is shown in.
macro_rules! states {
    ($(#[$meta:meta])* $name:ident { $($state:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($state,)+ }

        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$state),)+ _ => Err(()) }
            }
        }
    };
}
use states;
