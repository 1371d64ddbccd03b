//! Signup keys as they are shown and listed. Their URLs are composed when shown and are not here.

use schemars::JsonSchema;
use serde::Serialize;
use shared::clock::Moment;
use shared::events::agents::{AgentsEvent, SignupKeyAdded};
use shared::follow::Followed;
use shared::sql::{Database, Row, Sql, SqlError, Tx, Value};
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
    /// A part of the key, the label or the note.
    pub search: Option<String>,
    pub after: Option<u64>,
    pub limit: usize,
}

static ADD: Sql = Sql::new(
    "INSERT INTO signup_keys~ (key, position, version, state, agent_id, call_plan_id, group_id, label, note, starts_at,
         ends_at, cap)
     VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11)",
);
static SET_STATE: Sql = Sql::new("UPDATE signup_keys~ SET version = $2, state = $3 WHERE key = $1");
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
     AND ($5 IS NULL OR LOWER(key) LIKE $5 ESCAPE '\\' OR LOWER(label) LIKE $5 ESCAPE '\\'
         OR LOWER(note) LIKE $5 ESCAPE '\\')
     ORDER BY position LIMIT $4",
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
        let cap = row.opt_int("cap")?.map(u64::try_from).transpose();
        Ok(Self {
            key: row.text("key")?,
            version: row.count("version")?,
            state: row.parsed("state")?,
            agent_id: row.parsed("agent_id")?,
            call_plan_id: row.parsed("call_plan_id")?,
            group_id: row.parsed("group_id")?,
            label: row.text("label")?,
            note: row.text("note")?,
            starts_at: row.opt_moment("starts_at")?,
            ends_at: row.opt_moment("ends_at")?,
            cap: cap.map_err(|_| SqlError::Column { column: "cap".to_owned() })?,
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
    let values = [
        filter.agent_id.into(),
        filter.state.map(State::as_str).into(),
        filter.after.unwrap_or(0).into(),
        one_more(filter.limit).into(),
        filter.search.as_deref().map(containing).into(),
    ];
    let rows = database.rows(&LIST, &values).await?;
    let items = rows.iter().map(|row| Ok((SignupKey::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

pub(super) async fn apply(tx: &mut Tx, followed: &Followed<AgentsEvent>) -> Result<(), SqlError> {
    let version = followed.version;
    match &followed.event {
        AgentsEvent::SignupKeyAdded(event) => {
            let values = [
                Value::from(&event.key),
                followed.position.into(),
                version.into(),
                event.agent_id.into(),
                event.call_plan_id.into(),
                event.group_id.into(),
                Value::from(&event.label),
                Value::from(&event.note),
                event.starts_at.into(),
                event.ends_at.into(),
                event.cap.into(),
            ];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::SignupKeyPaused(event) => set_state(tx, &event.key, version, State::Paused).await?,
        AgentsEvent::SignupKeyResumed(event) => set_state(tx, &event.key, version, State::Active).await?,
        AgentsEvent::SignupKeyRevoked(event) => set_state(tx, &event.key, version, State::Revoked).await?,
        _ => {}
    }
    Ok(())
}

async fn set_state(tx: &mut Tx, key: &str, version: u64, state: State) -> Result<(), SqlError> {
    tx.execute(&SET_STATE, &[key.into(), version.into(), state.as_str().into()]).await.map(drop)
}
