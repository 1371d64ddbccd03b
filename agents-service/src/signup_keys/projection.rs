use std::collections::BTreeMap;

use contract::events::agents::{AgentsEvent, SignupKeyAdded};
use event_store::projections::EventEnvelope;
use event_store::search::{Words, WordsTable};
use event_store::sql::{SqlError, Tx};
use event_store::{projection_table, sql_rows, words_table};

use crate::projection::{Apply, Part};
use crate::signup_keys::snapshot::State;

pub const PART: Part = Part {
    tables: || vec![projection_table!("signup_key_words", "key": Text), projection_table!("signup_keys", "key": Text)],
    apply: Apply::Page(|tx, events| Box::pin(apply(tx, events))),
};

sql_rows! {
    static ADD = "INSERT INTO signup_keys{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn added_row(added: (&Change<'_>, u64, &SignupKeyAdded)) {
        key: Text = &added.2.key,
        version: Int = added.0.version,
        state: Text = added.0.state.as_str(),
        position: Int = added.1,
        agent_id: Uuid = added.2.agent_id,
        call_plan_id: Uuid = added.2.call_plan_id,
        group_id: Uuid = added.2.group_id,
        label: Text = &added.2.label,
        note: Text = &added.2.note,
        starts_at: Moment = added.2.starts_at,
        ends_at: Moment = added.2.ends_at,
        cap: Int = added.2.cap,
    }
}

sql_rows! {
    static SET_STATE = "UPDATE signup_keys{shadow} AS k SET version = r.version, state = r.state FROM {rows} WHERE k.key = r.key";
    fn moved_row(moved: (&str, &Change<'_>)) {
        key: Text = moved.0,
        version: Int = moved.1.version,
        state: Text = moved.1.state.as_str(),
    }
}

/// The words that keys are found by.
pub static WORDS: WordsTable = words_table!("signup_key_words", "key": Text);

/// The change of one key by a page of events.
struct Change<'a> {
    version: u64,
    state: State,
    /// The position and event of the key's addition, if it is on this page.
    added: Option<(u64, &'a SignupKeyAdded)>,
}

/// Most events of a log are about keys, so a page of events is merged to one change for each, and written in one
/// round trip.
async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    let mut changes: BTreeMap<&str, Change> = BTreeMap::new();
    for followed in events {
        let (key, state, added) = match &followed.event {
            AgentsEvent::SignupKeyAdded(event) => (&event.key, State::Active, Some((followed.position, event))),
            AgentsEvent::SignupKeyPaused(event) => (&event.key, State::Paused, None),
            AgentsEvent::SignupKeyResumed(event) => (&event.key, State::Active, None),
            AgentsEvent::SignupKeyRevoked(event) => (&event.key, State::Revoked, None),
            _ => continue,
        };
        let before = changes.get(key.as_str()).and_then(|change| change.added);
        changes.insert(key, Change { version: followed.version, state, added: added.or(before) });
    }
    let added = changes.values().filter_map(|change| change.added.map(|(position, added)| (change, position, added)));
    let moved = changes.iter().filter(|(_, change)| change.added.is_none());
    let words = |added: &SignupKeyAdded| Words::of([&added.key, &added.label, &added.note]);
    WORDS.add(tx, added.clone().map(|(_, _, added)| ((&added.key).into(), words(added))));
    tx.queue(&ADD, added.map(added_row).collect());
    tx.execute_many(&SET_STATE, moved.map(|(key, change)| moved_row((key, change))).collect()).await.map(drop)
}
