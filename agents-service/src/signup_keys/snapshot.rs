//! A signup key in responses, without its URL, which depends on the settings.

use contract::clock::Moment;
use contract::commission::CommissionTerms;
use contract::events::signup_keys::SignupKeyAdded;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::states;
use crate::life::{Life, Times};
use crate::signup_keys::model::SignupKey;

states! {
    /// A key's state.
    #[schemars(rename = "SignupKeyState")]
    State { Active = "active", Paused = "paused", Revoked = "revoked", }
}

/// A signup key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignupKey")]
pub struct SignupKeySnapshot {
    pub key: String,
    pub version: u64,
    #[serde(flatten)]
    pub times: Times,
    pub state: State,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub label: String,
    /// Empty where there is none, or it was erased.
    pub note: String,
    pub starts_at: Option<Moment>,
    pub ends_at: Option<Moment>,
    pub cap: Option<u64>,
    /// Commission terms of its own.
    pub commission: Option<CommissionTerms>,
}

impl SignupKeySnapshot {
    /// The key's state; `None` before its first event.
    pub fn of(key: &SignupKey, life: Life) -> Option<Self> {
        let state = match key {
            SignupKey::Absent => return None,
            SignupKey::Active(_) => State::Active,
            SignupKey::Paused(_) => State::Paused,
            SignupKey::Revoked(_) => State::Revoked,
        };
        let added: SignupKeyAdded = key.added()?.clone();
        Some(Self {
            key: added.key,
            version: life.version,
            times: life.times,
            state,
            agent_id: added.agent_id,
            call_plan_id: added.call_plan_id,
            group_id: added.group_id,
            label: added.label,
            note: added.note.text().unwrap_or_default().to_owned(),
            starts_at: added.starts_at,
            ends_at: added.ends_at,
            cap: added.cap,
            commission: added.commission,
        })
    }
}
