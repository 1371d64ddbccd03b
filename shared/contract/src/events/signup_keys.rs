//! What happens to signup keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::events;
use crate::clock::Moment;
use crate::commission::CommissionTerms;
use crate::note::Note;

events! {
    /// A signup key was added: it stands for exactly one agent, call plan and group.
    SignupKeyAdded {
        key: String, agent_id: Uuid, call_plan_id: Uuid, group_id: Uuid, label: String,
        #[serde(rename = "has_note")] note: Note,
        starts_at: Option<Moment>, ends_at: Option<Moment>,
        /// The number of placements it is good for.
        cap: Option<u64>,
        /// The commission terms of the key.
        #[serde(default, skip_serializing_if = "Option::is_none")] commission: Option<CommissionTerms>,
    }
    /// A key was described anew, or its limits were changed; they are given whole.
    SignupKeyChanged {
        key: String, agent_id: Uuid, label: String, starts_at: Option<Moment>, ends_at: Option<Moment>,
        /// The number of placements it is good for.
        cap: Option<u64>,
    }
    /// A key has another note, or none.
    SignupKeyNoteChanged { key: String, agent_id: Uuid, #[serde(rename = "has_note")] note: Note, }
    /// The commission terms of a key were changed.
    SignupKeyCommissionChanged {
        key: String, agent_id: Uuid,
        /// Absent where the key has no terms of its own any more.
        #[serde(default, skip_serializing_if = "Option::is_none")] commission: Option<CommissionTerms>,
    }
    /// A key rests.
    SignupKeyPaused { key: String, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// A resting key works again.
    SignupKeyResumed { key: String, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// A key is stopped for good and never used again.
    SignupKeyRevoked { key: String, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
}
