use std::borrow::Cow;
use std::collections::BTreeMap;

use contract::clock::Moment;
use contract::commission::CommissionTerms;
use contract::events::agents::AgentsEvent;
use contract::events::signup_keys::{SignupKeyAdded, SignupKeyChanged};
use contract::note::Note;
use event_store::projections::EventEnvelope;
use event_store::search::{Words, WordsTable};
use event_store::sql::{Kind, Sql, SqlError, Tx, Value};
use event_store::{projection_table, sql_rows, words_table};
use uuid::Uuid;

use crate::columns::opt_to_json;
use crate::projection::{Apply, Part};
use crate::signup_keys::snapshot::State;

pub const PART: Part = Part {
    tables: || vec![projection_table!("signup_key_words", "key": Text), projection_table!("signup_keys", "key": Text)],
    apply: Apply::Page(|tx, events| Box::pin(apply(tx, events))),
};

sql_rows! {
    static ADD = "INSERT INTO signup_keys{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn added_row(added: (&Change<'_>, &Described<'_>, (u64, Moment), &SignupKeyAdded)) {
        key: Text = &added.3.key,
        version: Int = added.0.version,
        state: Text = added.0.state.unwrap_or(State::Active).as_str(),
        position: Int = added.2.0,
        agent_id: Uuid = added.3.agent_id,
        call_plan_id: Uuid = added.3.call_plan_id,
        group_id: Uuid = added.3.group_id,
        label: Text = added.1.label,
        note_at: Int = added.0.noted.flatten(),
        starts_at: Moment = added.1.starts_at,
        ends_at: Moment = added.1.ends_at,
        cap: Int = added.1.cap,
        commission: Text = added.0.commission.clone().flatten(),
        created_at: Moment = added.2.1,
        updated_at: Moment = added.0.updated_at,
    }
}

sql_rows! {
    static CHANGE = "UPDATE signup_keys{shadow} AS k SET version = COALESCE(r.version, k.version),
         updated_at = COALESCE(r.updated_at, k.updated_at), state = COALESCE(r.state, k.state),
         label = COALESCE(r.label, k.label), starts_at = CASE WHEN r.label IS NULL THEN k.starts_at ELSE r.starts_at END,
         ends_at = CASE WHEN r.label IS NULL THEN k.ends_at ELSE r.ends_at END, cap = CASE WHEN r.label IS NULL THEN k.cap ELSE r.cap END,
         note_at = CASE WHEN r.renotes THEN r.note_at ELSE k.note_at END,
         commission = CASE WHEN r.restates THEN r.commission ELSE k.commission END FROM {rows} WHERE k.key = r.key";
    fn changed_row(changed: (&str, &Change<'_>)) {
        key: Text = changed.0,
        version: Int = changed.1.version,
        updated_at: Moment = changed.1.updated_at,
        state: Text = changed.1.state.map(State::as_str),
        label: Text = changed.1.described.as_ref().map(|described| described.label),
        starts_at: Moment = changed.1.described.as_ref().and_then(|described| described.starts_at),
        ends_at: Moment = changed.1.described.as_ref().and_then(|described| described.ends_at),
        cap: Int = changed.1.described.as_ref().and_then(|described| described.cap),
        renotes: Flag = changed.1.noted.is_some(),
        note_at: Int = changed.1.noted.flatten(),
        restates: Flag = changed.1.commission.is_some(),
        commission: Text = changed.1.commission.clone().flatten(),
    }
}

static TEXTS: Sql = Sql::rows(
    "SELECT k.key, k.label, n.text AS note FROM signup_keys{shadow} k LEFT JOIN notes n ON n.position = k.note_at WHERE k.key {among}",
    &[("key", Kind::Text)],
);
static NOTED: Sql = Sql::new("SELECT key FROM signup_keys{shadow} WHERE agent_id = $1 AND note_at IS NOT NULL");

/// The words that keys are found by.
pub static WORDS: WordsTable = words_table!("signup_key_words", "key": Text);

/// What is said of a key, and its limits.
struct Described<'a> {
    label: &'a str,
    starts_at: Option<Moment>,
    ends_at: Option<Moment>,
    cap: Option<u64>,
}

/// The change of one key by a page of events; what is absent stays.
#[derive(Default)]
#[expect(clippy::option_option, reason = "absent and none differ here")]
struct Change<'a> {
    agent_id: Uuid,
    version: Option<u64>,
    /// When it got that version.
    updated_at: Option<Moment>,
    state: Option<State>,
    described: Option<Described<'a>>,
    /// The position of the event whose note it is; `Some(None)` is no note.
    noted: Option<Option<u64>>,
    /// The terms; `Some(None)` is none.
    commission: Option<Option<String>>,
    /// The position, time and event of the key's addition, if it is on this page.
    added: Option<((u64, Moment), &'a SignupKeyAdded)>,
}

impl Change<'_> {
    /// Whether the key is found by other words from here on.
    fn rewords(&self) -> bool {
        self.described.is_some() || self.noted.is_some()
    }
}

type Changes<'a> = BTreeMap<Cow<'a, str>, Change<'a>>;

/// Most events of a log are about keys, so a page of events is merged to one change for each, and written in one
/// round trip.
async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    let mut changes = Changes::new();
    for followed in events {
        if let AgentsEvent::AgentErased(event) = &followed.event {
            forget_notes(tx, &mut changes, event.agent_id).await?;
        } else {
            take(&mut changes, followed)?;
        }
    }
    let added = changes.values().filter_map(|change| {
        let (place, added) = change.added?;
        Some(added_row((change, change.described.as_ref()?, place, added)))
    });
    tx.queue(&ADD, added.collect());
    let others = changes.iter().filter(|(_, change)| change.added.is_none());
    tx.execute_many(&CHANGE, others.map(|(key, change)| changed_row((key, change))).collect()).await?;
    write_words(tx, &changes).await
}

/// Merges an event into the change of its key.
fn take<'a>(changes: &mut Changes<'a>, followed: &'a EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let terms = |commission: &Option<CommissionTerms>| opt_to_json(commission.as_ref()).map(Some);
    let noted = |note: &Note| Some((*note != Note::Absent).then_some(followed.position));
    let (version, updated_at) = (Some(followed.version), Some(followed.recorded_at));
    let change = Change { version, updated_at, ..Change::default() };
    let (key, agent_id, change) = match &followed.event {
        AgentsEvent::SignupKeyAdded(event) => {
            let SignupKeyAdded { label, starts_at, ends_at, cap, .. } = event;
            let described = Some(Described { label, starts_at: *starts_at, ends_at: *ends_at, cap: *cap });
            let (noted, commission) = (noted(&event.note), terms(&event.commission)?);
            let added = Some(((followed.position, followed.recorded_at), event));
            (&event.key, event.agent_id, Change { described, noted, commission, added, ..change })
        }
        AgentsEvent::SignupKeyChanged(event) => {
            let SignupKeyChanged { label, starts_at, ends_at, cap, .. } = event;
            let described = Some(Described { label, starts_at: *starts_at, ends_at: *ends_at, cap: *cap });
            (&event.key, event.agent_id, Change { described, ..change })
        }
        AgentsEvent::SignupKeyNoteChanged(event) => {
            (&event.key, event.agent_id, Change { noted: noted(&event.note), ..change })
        }
        AgentsEvent::SignupKeyPaused(event) => {
            (&event.key, event.agent_id, Change { state: Some(State::Paused), ..change })
        }
        AgentsEvent::SignupKeyResumed(event) => {
            (&event.key, event.agent_id, Change { state: Some(State::Active), ..change })
        }
        AgentsEvent::SignupKeyRevoked(event) => {
            (&event.key, event.agent_id, Change { state: Some(State::Revoked), ..change })
        }
        AgentsEvent::SignupKeyCommissionChanged(event) => {
            (&event.key, event.agent_id, Change { commission: terms(&event.commission)?, ..change })
        }
        _ => return Ok(()),
    };
    let old = changes.entry(Cow::Borrowed(key)).or_default();
    *old = Change {
        agent_id,
        version: change.version,
        updated_at: change.updated_at,
        state: change.state.or(old.state),
        described: change.described.or_else(|| old.described.take()),
        noted: change.noted.or(old.noted),
        commission: change.commission.or_else(|| old.commission.take()),
        added: change.added.or(old.added),
    };
    Ok(())
}

/// The notes of an agent's keys are erased with the agent.
async fn forget_notes(tx: &mut Tx, changes: &mut Changes<'_>, agent_id: Uuid) -> Result<(), SqlError> {
    let of_agent = |change: &&mut Change<'_>| change.agent_id == agent_id;
    changes.values_mut().filter(of_agent).for_each(|change| change.noted = Some(None));
    for row in tx.rows(&NOTED, &[agent_id.into()]).await? {
        let change = changes.entry(Cow::Owned(row.text("key")?)).or_default();
        (change.agent_id, change.noted) = (agent_id, Some(None));
    }
    Ok(())
}

/// Writes the words of new keys, and anew those of changed ones.
async fn write_words(tx: &mut Tx, changes: &Changes<'_>) -> Result<(), SqlError> {
    let is_known = |change: &Change<'_>| change.added.is_some() && change.noted.flatten().is_none();
    let (known, unknown): (Vec<_>, Vec<_>) =
        changes.iter().filter(|(_, change)| change.rewords()).partition(|(_, change)| is_known(change));
    let known = known.into_iter().filter_map(|(key, change)| {
        let words = Words::of([key.as_ref(), change.described.as_ref()?.label]);
        Some((Value::from(key.as_ref()), words))
    });
    WORDS.add(tx, known);
    for (key, _) in unknown.iter().filter(|(_, change)| change.added.is_none()) {
        WORDS.remove(tx, key.as_ref().into()).await?;
    }
    let keys = unknown.into_iter().map(|(key, _)| vec![key.as_ref().into()]).collect();
    for row in tx.rows_for_many(&TEXTS, keys).await? {
        let (key, label, note) = (row.text("key")?, row.text("label")?, row.opt_text("note")?.unwrap_or_default());
        let words = Words::of([&*key, &*label, &*note]);
        WORDS.add(tx, [(key.into(), words)]);
    }
    Ok(())
}
