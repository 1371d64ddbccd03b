use std::collections::BTreeMap;

use contract::commission::CommissionTerms;
use contract::events::agents::{AgentsEvent, SignupKeyAdded};
use event_store::projections::EventEnvelope;
use event_store::search::{Words, WordsTable};
use event_store::sql::{SqlError, Tx};
use event_store::{projection_table, sql_rows, words_table};

use crate::columns::opt_to_json;
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
        state: Text = added.0.state.unwrap_or(State::Active).as_str(),
        position: Int = added.1,
        agent_id: Uuid = added.2.agent_id,
        call_plan_id: Uuid = added.2.call_plan_id,
        group_id: Uuid = added.2.group_id,
        label: Text = &added.2.label,
        note: Text = &added.2.note,
        starts_at: Moment = added.2.starts_at,
        ends_at: Moment = added.2.ends_at,
        cap: Int = added.2.cap,
        commission: Text = added.0.commission.clone().flatten(),
    }
}

sql_rows! {
    static CHANGE = "UPDATE signup_keys{shadow} AS k SET version = r.version, state = COALESCE(r.state, k.state),
         commission = CASE WHEN r.restates THEN r.commission ELSE k.commission END FROM {rows} WHERE k.key = r.key";
    fn moved_row(moved: (&str, &Change<'_>)) {
        key: Text = moved.0,
        version: Int = moved.1.version,
        state: Text = moved.1.state.map(State::as_str),
        restates: Flag = moved.1.commission.is_some(),
        commission: Text = moved.1.commission.clone().flatten(),
    }
}

/// The words that keys are found by.
pub static WORDS: WordsTable = words_table!("signup_key_words", "key": Text);

/// The change of one key by a page of events.
#[derive(Default)]
struct Change<'a> {
    version: u64,
    /// Where it changes.
    state: Option<State>,
    /// The terms, where they are stated; `Some(None)` is none.
    #[expect(clippy::option_option, reason = "absent and none differ here")]
    commission: Option<Option<String>>,
    /// The position and event of the key's addition, if it is on this page.
    added: Option<(u64, &'a SignupKeyAdded)>,
}

/// Most events of a log are about keys, so a page of events is merged to one change for each, and written in one
/// round trip.
async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    let mut changes: BTreeMap<&str, Change> = BTreeMap::new();
    for followed in events {
        let terms = |commission: &Option<CommissionTerms>| opt_to_json(commission.as_ref()).map(Some);
        let (key, state, commission, added) = match &followed.event {
            AgentsEvent::SignupKeyAdded(event) => {
                (&event.key, None, terms(&event.commission)?, Some((followed.position, event)))
            }
            AgentsEvent::SignupKeyPaused(event) => (&event.key, Some(State::Paused), None, None),
            AgentsEvent::SignupKeyResumed(event) => (&event.key, Some(State::Active), None, None),
            AgentsEvent::SignupKeyRevoked(event) => (&event.key, Some(State::Revoked), None, None),
            AgentsEvent::SignupKeyCommissionChanged(event) => (&event.key, None, terms(&event.commission)?, None),
            _ => continue,
        };
        let change = changes.entry(key).or_default();
        *change = Change {
            version: followed.version,
            state: state.or(change.state),
            commission: commission.or_else(|| change.commission.take()),
            added: added.or(change.added),
        };
    }
    let added = changes.values().filter_map(|change| change.added.map(|(position, added)| (change, position, added)));
    let moved = changes.iter().filter(|(_, change)| change.added.is_none());
    let words = |added: &SignupKeyAdded| Words::of([&added.key, &added.label, &added.note]);
    WORDS.add(tx, added.clone().map(|(_, _, added)| ((&added.key).into(), words(added))));
    tx.queue(&ADD, added.map(added_row).collect());
    tx.execute_many(&CHANGE, moved.map(|(key, change)| moved_row((key, change))).collect()).await.map(drop)
}
