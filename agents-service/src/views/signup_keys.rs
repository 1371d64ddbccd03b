//! Signup keys as they are shown and listed. Their URLs are composed when shown and are not here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use shared::clock::Moment;
use shared::events::agents::{AgentsEvent, SignupKeyAdded};
use shared::follow::Followed;
use shared::key::{candidates, digits};
use shared::sql::{Database, Row, Sql, SqlError, Tx};
use shared::sql_rows;
use uuid::Uuid;

use super::{Page, containing, one_more, states};
use crate::domain::signup_key;

states! {
    /// A key's stage of life.
    State { Active = "active", Paused = "paused", Revoked = "revoked", }
}

/// A signup key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignupKey")]
pub struct SignupKey {
    pub key: String,
    pub version: u64,
    pub state: State,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub label: String,
    pub note: String,
    pub starts_at: Option<Moment>,
    pub ends_at: Option<Moment>,
    pub cap: Option<u64>,
}

/// Which keys to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub state: Option<State>,
    /// Only those that can be used now, or only those that cannot.
    pub usable: Option<Usable>,
    /// A part of the key, the label or the note.
    pub search: Option<String>,
    pub after: Option<u64>,
    pub limit: usize,
}

/// Whether keys can be used at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usable {
    pub is: bool,
    pub at: Moment,
}

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
static GET: Sql = Sql::new("SELECT * FROM signup_keys WHERE key = $1");
static LIVE: Sql = Sql::new(
    "SELECT COUNT(*) AS live FROM signup_keys WHERE state <> 'revoked' AND ($1 IS NULL OR agent_id = $1)
     AND ($2 IS NULL OR call_plan_id = $2)",
);
static LIVE_OF_GROUP: Sql = Sql::new(
    "SELECT COUNT(*) AS live FROM customer_groups g JOIN signup_keys k ON k.agent_id = g.agent_id AND k.group_id = g.group_id
     WHERE g.group_id = $1 AND k.state <> 'revoked'",
);
static LIST: Sql = Sql::new(
    "SELECT * FROM signup_keys WHERE ($1 IS NULL OR agent_id = $1) AND ($2 IS NULL OR state = $2) AND position > $3
     AND ($5 IS NULL OR LOWER(key) LIKE $5 ESCAPE '\\' OR LOWER(key) LIKE $6 OR LOWER(label) LIKE $5 ESCAPE '\\'
         OR LOWER(note) LIKE $5 ESCAPE '\\')
     ORDER BY position LIMIT $4",
);

/// The same of those alone that can be used, or cannot, at `$8`. The long condition is `shared::usable::unusable` once more.
static LIST_BY_USE: Sql = Sql::new(
    "SELECT k.* FROM signup_keys k LEFT JOIN agents a ON a.agent_id = k.agent_id
         LEFT JOIN call_plans p ON p.call_plan_id = k.call_plan_id
         LEFT JOIN grants g ON g.agent_id = k.agent_id AND g.call_plan_id = k.call_plan_id
         LEFT JOIN customer_groups c ON c.group_id = k.group_id
     WHERE ($1 IS NULL OR k.agent_id = $1) AND ($2 IS NULL OR k.state = $2) AND k.position > $3
     AND ($5 IS NULL OR LOWER(k.key) LIKE $5 ESCAPE '\\' OR LOWER(k.key) LIKE $6 OR LOWER(k.label) LIKE $5 ESCAPE '\\'
         OR LOWER(k.note) LIKE $5 ESCAPE '\\')
     AND $7 = COALESCE(k.state = 'active' AND (k.starts_at IS NULL OR k.starts_at <= $8)
         AND (k.ends_at IS NULL OR k.ends_at > $8)
         AND (k.cap IS NULL OR k.cap > COALESCE((SELECT SUM(d.signups) FROM sales_daily d WHERE d.key = k.key), 0))
         AND a.state = 'active' AND p.state = 'offered' AND g.agent_id IS NOT NULL AND c.agent_id = k.agent_id, FALSE)
     ORDER BY k.position LIMIT $4",
);

impl SignupKey {
    /// A key out of its history; none before it begins.
    pub fn of(key: &signup_key::SignupKey, version: u64) -> Option<Self> {
        let state = match key {
            signup_key::SignupKey::Absent => return None,
            signup_key::SignupKey::Active(_) => State::Active,
            signup_key::SignupKey::Paused(_) => State::Paused,
            signup_key::SignupKey::Revoked(_) => State::Revoked,
        };
        let added: SignupKeyAdded = key.added()?.clone();
        Some(Self {
            key: added.key,
            version,
            state,
            agent_id: added.agent_id,
            call_plan_id: added.call_plan_id,
            group_id: added.group_id,
            label: added.label,
            note: added.note,
            starts_at: added.starts_at,
            ends_at: added.ends_at,
            cap: added.cap,
        })
    }

    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            key: row.text("key")?,
            version: row.count("version")?,
            state: row.parsed("state")?,
            agent_id: row.uuid("agent_id")?,
            call_plan_id: row.uuid("call_plan_id")?,
            group_id: row.uuid("group_id")?,
            label: row.text("label")?,
            note: row.text("note")?,
            starts_at: row.opt_moment("starts_at")?,
            ends_at: row.opt_moment("ends_at")?,
            cap: row.opt_count("cap")?,
        })
    }
}

/// One key, by its stored text.
pub async fn get(database: &Database, key: &str) -> Result<Option<SignupKey>, SqlError> {
    database.row(&GET, &[key.into()]).await?.as_ref().map(SignupKey::read).transpose()
}

/// How many keys are not revoked, of this agent or this call plan or both.
pub async fn live(database: &Database, agent_id: Option<Uuid>, call_plan_id: Option<Uuid>) -> Result<u64, SqlError> {
    let row = database.row(&LIVE, &[agent_id.into(), call_plan_id.into()]).await?;
    row.map_or(Ok(0), |row| row.count("live"))
}

/// How many keys that are not revoked join a group to the agent whom it belongs to.
pub async fn live_of_group(database: &Database, group_id: Uuid) -> Result<u64, SqlError> {
    let row = database.row(&LIVE_OF_GROUP, &[group_id.into()]).await?;
    row.map_or(Ok(0), |row| row.count("live"))
}

/// A page of keys, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<SignupKey>, SqlError> {
    let mut values = vec![
        filter.agent_id.into(),
        filter.state.map(State::as_str).into(),
        filter.after.unwrap_or(0).into(),
        one_more(filter.limit).into(),
        filter.search.as_deref().map(containing).into(),
        filter.search.as_deref().and_then(spelled).into(),
    ];
    values.extend(filter.usable.into_iter().flat_map(|usable| [usable.is.into(), usable.at.into()]));
    let rows = database.rows(if filter.usable.is_some() { &LIST_BY_USE } else { &LIST }, &values).await?;
    let items = rows.iter().map(|row| Ok((SignupKey::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

/// A pattern for random keys that a text is a part of in another spelling: with hyphens, or with O for 0. Fewer digits than these are
/// more likely a part of a slug or a label.
fn spelled(text: &str) -> Option<String> {
    const FEWEST_DIGITS: usize = 4;
    let digits = digits(text).filter(|digits| digits.len() >= FEWEST_DIGITS)?;
    Some(format!("%{}%", digits.to_ascii_lowercase()))
}

/// The stored text of the key that a text means, in every spelling that its link accepts; the text itself where there is none.
pub async fn stored(database: &Database, text: String) -> Result<String, SqlError> {
    for candidate in candidates(&text) {
        if get(database, candidate.as_str()).await?.is_some() {
            return Ok(candidate.into_string());
        }
    }
    Ok(text)
}

/// What a page of events makes of one key.
struct Change<'a> {
    version: u64,
    state: State,
    /// Where it was added, and as what, when that was in this page.
    added: Option<(u64, &'a SignupKeyAdded)>,
}

/// Keys are most of a log, so a page of events is merged to one change for each, and written in one round trip.
pub(super) async fn apply(tx: &mut Tx, events: &[Followed<AgentsEvent>]) -> Result<(), SqlError> {
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
    tx.queue(&ADD, added.map(added_row).collect());
    tx.execute_many(&SET_STATE, moved.map(|(key, change)| moved_row((key, change))).collect()).await.map(drop)
}
