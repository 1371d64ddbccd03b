//! Reads lookup rows, single ones for pages and many for placements, each with its count of placed customers and the
//! position of the agents' log. One statement, so one snapshot.

use std::collections::HashSet;
use std::sync::Arc;

use contract::events::agents::{Branding, FieldRule, SignupField, Terms};
use contract::money::Percent;
use event_store::sql::{Database, Kind, QueuedQuery, Row, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::keys::form_config::{Company, SignupFormConfig};
use crate::keys::model::{AgentState, KeyAgent, KeyFacts, KeyGroup, KeyPlan, KeyRow, KeyState, Offer};
use crate::keys::shared::Shared;
use crate::keys::unknown_key;

/// The projection's checkpoint, and the requested lookup rows `k` with their counts of placements. Without a matching
/// key there is one row without a key.
macro_rules! facts {
    ($which:literal) => {
        concat!(
            "SELECT k.key, k.agent_id, k.call_plan_id, k.group_id, k.state, k.starts_at, k.ends_at, k.cap, k.agent_name,
                 k.agent_state, k.commission, k.call_plan_name, p.description, p.price_text, k.call_plan_retired, k.granted, k.group_name,
                 k.group_owner, k.ui_elements, k.changed_position,
                 (c.halted IS NOT NULL OR k.incomplete OR (
                     EXISTS (SELECT 1 FROM parked_events WHERE projection = 'keys') AND EXISTS (
                     SELECT 1 FROM parked_events s WHERE s.projection = 'keys' AND s.stream IN ('settings',
                         'key-' || k.key, 'agent-' || {text_of k.agent_id}, 'plan-' || {text_of k.call_plan_id},
                         'group-' || {text_of k.group_id})))) AS parked,
                 COALESCE((SELECT u.placed FROM key_usage u WHERE u.key = k.key), 0) AS placed,
                 c.position AS agents_position, c.generation
             FROM checkpoints c LEFT JOIN signup_keys k ON k.agent_id IS NOT NULL AND k.key ",
            $which,
            " LEFT JOIN call_plans p ON p.id = k.call_plan_id WHERE c.projection = 'keys'"
        )
    };
}

static BY_KEY: Sql = Sql::new(facts!("= $1"));
static BY_KEYS: Sql = Sql::rows(facts!("{among}"), &[("key", Kind::Text)]);
/// The keys that have changed since a decision.
static CHANGED: Sql = Sql::rows(
    "SELECT 1 FROM {rows}
     WHERE r.changed_position <> COALESCE((SELECT k.changed_position FROM signup_keys k WHERE k.key = r.key), -1)
         OR r.generation <> (SELECT c.generation FROM checkpoints c WHERE c.projection = 'keys')",
    &[("key", Kind::Text), ("changed_position", Kind::Int), ("generation", Kind::Int)],
);
static KNOWN: Sql =
    Sql::rows("SELECT key FROM signup_keys WHERE agent_id IS NOT NULL AND key {among}", &[("key", Kind::Text)]);
static BEGINS: Sql =
    Sql::new("SELECT key FROM signup_keys WHERE agent_id IS NOT NULL AND key > $1 AND key < $2 ORDER BY key LIMIT 1");
static SETTINGS: Sql = Sql::new(
    "SELECT signup_fields, terms_version, terms_text, branding_name, branding_colour, branding_logo, frame_origins,
         terms_language, terms_translations, company_name, company_address, signup_challenge FROM signup_settings WHERE id = 1",
);
/// A token's revocation may be among the parked events, or in the part of the log that a halted projection lacks.
static TOKEN: Sql = Sql::new(
    "SELECT t.id, t.scopes,
         (c.halted IS NOT NULL OR EXISTS (
             SELECT 1 FROM parked_events s WHERE s.projection = 'keys' AND s.stream = 'token-' || {text_of t.id})) AS parked
     FROM checkpoints c JOIN api_tokens t ON t.digest = $1 AND NOT t.revoked
     WHERE c.projection = 'keys'",
);

/// Changes when a token is revoked, and when it is uncertain whether one was.
static REVOCATIONS: Sql = Sql::new(
    "SELECT c.generation,
         (SELECT COUNT(*) FROM api_tokens WHERE revoked) AS revoked,
         (SELECT COUNT(*) FROM parked_events WHERE projection = 'keys') AS parked
     FROM checkpoints c WHERE c.projection = 'keys'",
);

/// A token that has not been revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: Uuid,
    pub scopes: Vec<String>,
    /// Whether it may have been revoked: its stream is parked, or the projection has halted.
    pub parked: bool,
}

pub(super) async fn get(database: &Database, key: &str) -> Result<Option<KeyFacts>, SqlError> {
    database.row(&BY_KEY, &[key.into()]).await?.as_ref().map(facts).transpose().map(Option::flatten)
}

/// The key that differs from the text by one mistake, or begins with it, or is its beginning.
pub(super) async fn nearest(database: &Database, text: &str) -> Result<Option<String>, SqlError> {
    let neighbours = unknown_key::neighbours(text);
    let rows = neighbours.iter().map(|key| vec![key.as_str().into()]).collect();
    let known = database.rows_for_many(&KNOWN, rows).await?;
    let known = known.iter().map(|row| row.text("key")).collect::<Result<HashSet<_>, _>>()?;
    if let Some(key) = neighbours.into_iter().find(|key| known.contains(key)) {
        return Ok(Some(key));
    }
    for beginning in unknown_key::beginnings(text) {
        let end = format!("{beginning}{}", char::MAX);
        if let Some(row) = database.row(&BEGINS, &[beginning.into(), end.into()]).await? {
            return row.text("key").map(Some);
        }
    }
    Ok(None)
}

pub(super) fn query<'a>(tx: &mut Tx, keys: impl IntoIterator<Item = &'a str>) -> QueuedQuery {
    tx.query(&BY_KEYS, keys.into_iter().map(|key| vec![key.into()]).collect())
}

/// The keys that exist, and the position of the agents' log at which they are valid.
pub(super) async fn get_many(tx: &mut Tx, query: QueuedQuery) -> Result<(Vec<KeyFacts>, u64), SqlError> {
    let rows = tx.read_queued(query).await?;
    let position = rows.first().map(|row| row.count("agents_position")).transpose()?.unwrap_or(0);
    let found = rows.iter().filter_map(|row| facts(row).transpose()).collect::<Result<_, _>>()?;
    Ok((found, position))
}

/// What [`assert_unchanged`] compares.
pub(super) fn stamp(facts: &KeyFacts) -> Vec<Value> {
    vec![facts.row.key.as_str().into(), facts.changed_position.into(), facts.generation.into()]
}

/// Refuses the batch if one of the keys with these stamps has changed.
pub(super) fn assert_unchanged(tx: &mut Tx, stamps: impl Iterator<Item = Vec<Value>>) {
    tx.unless(&CHANGED, stamps.collect());
}

pub(super) async fn form_rules(database: &Database) -> Result<SignupFormConfig, SqlError> {
    let Some(row) = database.row(&SETTINGS, &[]).await? else { return Ok(SignupFormConfig::default()) };
    let fields: std::collections::BTreeMap<SignupField, FieldRule> = json(&row, "signup_fields")?;
    let terms = Terms {
        version: row.text("terms_version")?,
        text: row.text("terms_text")?,
        language: row.text("terms_language")?,
        translations: json(&row, "terms_translations")?,
    };
    let branding = Branding {
        name: row.text("branding_name")?,
        colour: row.text("branding_colour")?,
        logo: row.text("branding_logo")?,
    };
    let company = Company { name: row.text("company_name")?, address: row.text("company_address")? };
    Ok(SignupFormConfig {
        branding,
        company,
        challenge: json(&row, "signup_challenge")?,
        frame_origins: json(&row, "frame_origins")?,
        ..SignupFormConfig::new(&fields, terms)
    })
}

pub(super) async fn token(database: &Database, digest: [u8; 32]) -> Result<Option<ApiToken>, SqlError> {
    let Some(row) = database.row(&TOKEN, &[digest.into()]).await? else { return Ok(None) };
    let scopes = row.text("scopes")?.split_whitespace().map(str::to_owned).collect();
    Ok(Some(ApiToken { id: row.uuid("id")?, scopes, parked: row.flag("parked")? }))
}

/// See [`web::http::Authenticator::revocations`].
pub(super) async fn revocations(database: &Database) -> Result<[u64; 3], SqlError> {
    let Some(row) = database.row(&REVOCATIONS, &[]).await? else { return Ok([0; 3]) };
    Ok([row.count("generation")?, row.count("revoked")?, row.count("parked")?])
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, SqlError> {
    serde_json::from_str(&row.text(column)?).map_err(|_| SqlError::Column { column: column.to_owned() })
}

fn facts(row: &Row) -> Result<Option<KeyFacts>, SqlError> {
    let Some(key) = row.opt_text("key")? else { return Ok(None) };
    // A row is marked as parked where an event of its facts is parked, so these placeholders are never shown.
    let name = |column: &str| row.opt_text(column).map(Option::unwrap_or_default);
    let owner = row.opt_uuid("group_owner")?.filter(|owner| !owner.is_nil());
    let unreadable = |column: &str| SqlError::Column { column: column.to_owned() };
    let ui_elements = if row.opt_text("ui_elements")?.is_some() { json(row, "ui_elements")? } else { Vec::new() };
    let points = row.opt_int("commission")?.unwrap_or(0);
    let facts = KeyRow {
        key: key.into(),
        state: key_state(&row.text("state")?),
        starts_at: row.opt_moment("starts_at")?,
        ends_at: row.opt_moment("ends_at")?,
        cap: row.opt_count("cap")?,
        offer: Arc::new(Shared::new(Offer {
            agent: KeyAgent {
                id: row.uuid("agent_id")?,
                name: name("agent_name")?,
                state: agent_state(&name("agent_state")?),
                commission: Percent::from_basis_points(points).map_err(|_| unreadable("commission"))?,
            },
            plan: KeyPlan {
                id: row.uuid("call_plan_id")?,
                name: name("call_plan_name")?,
                description: name("description")?,
                price_text: name("price_text")?,
                retired: row.opt_flag("call_plan_retired")? == Some(true),
            },
            granted: row.flag("granted")?,
            group: KeyGroup { id: row.uuid("group_id")?, name: name("group_name")?, owner, ui_elements },
        })),
        parked: row.flag("parked")?,
    };
    Ok(Some(KeyFacts {
        row: facts,
        placed: row.count("placed")?,
        changed_position: row.count("changed_position")?,
        agents_position: row.count("agents_position")?,
        generation: row.count("generation")?,
    }))
}

fn key_state(text: &str) -> KeyState {
    match text {
        "active" => KeyState::Active,
        "paused" => KeyState::Paused,
        // An unknown state is not usable.
        _ => KeyState::Revoked,
    }
}

fn agent_state(text: &str) -> AgentState {
    match text {
        "active" | "" => AgentState::Active,
        "suspended" => AgentState::Suspended,
        _ => AgentState::Closed,
    }
}
